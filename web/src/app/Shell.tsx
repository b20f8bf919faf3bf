// The frame around every page: where am I, who is awake, is what I see live.
import { AppShell } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Suspense, useEffect, useState } from "react";
import { Outlet } from "react-router";
import { environmentOf, projects } from "../flags/queries/places";
import { Loading } from "../ui/States";
import { Commands } from "./Commands";
import { follow, type Link } from "./live";
import { BottomMenu, SideMenu } from "./Menu";
import { rememberPlace, usePlace } from "./place";
import classes from "./Shell.module.css";
import { TopBar } from "./TopBar";

export function Shell() {
  const { project, environment } = usePlace();
  const link = useLink();
  const production = environmentOf(useQuery(projects()).data, { project, environment })?.production ?? false;
  useEffect(() => rememberPlace({ project, environment }), [project, environment]);
  return (
    <AppShell
      header={{ height: 56 }}
      navbar={{ width: 200, breakpoint: "sm", collapsed: { mobile: true } }}
      footer={{ height: { base: 64, sm: 0 } }}
      padding={{ base: "sm", sm: "lg" }}
    >
      <a href="#main" className={classes.skip}>
        Skip to the page
      </a>
      <AppShell.Header className={classes.header} data-production={production || undefined}>
        <TopBar link={link} />
      </AppShell.Header>
      <AppShell.Navbar className={classes.side} p="xs" visibleFrom="sm">
        <SideMenu />
      </AppShell.Navbar>
      <AppShell.Main id="main" tabIndex={-1} className={classes.main}>
        <Suspense fallback={<Loading />}>
          <Outlet />
        </Suspense>
      </AppShell.Main>
      <AppShell.Footer hiddenFrom="sm">
        <BottomMenu />
      </AppShell.Footer>
      <Commands />
    </AppShell>
  );
}

/** Follows the live positions while the shell stands. */
function useLink(): Link {
  const client = useQueryClient();
  const [link, setLink] = useState<Link>("connecting");
  useEffect(() => follow(client, setLink), [client]);
  return link;
}
