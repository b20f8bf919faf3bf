// The settings, one tab for each of what there is to set.
import { Tabs } from "@mantine/core";
import { Outlet, useLocation, useNavigate } from "react-router";
import { PageHead } from "../ui/PageHead";
import { useTo } from "./place";

const TABS = [
  { value: "project", name: "Project and keys" },
  { value: "people", name: "People" },
  { value: "account", name: "You" },
];

export function Settings() {
  const navigate = useNavigate();
  const to = useTo();
  const tab = useLocation().pathname.split("/").at(-1);
  return (
    <>
      <PageHead title="Settings" />
      <Tabs value={tab} onChange={(value) => value && navigate(to("/settings", value))}>
        <Tabs.List mb="md">
          {TABS.map(({ value, name }) => (
            <Tabs.Tab key={value} value={value}>
              {name}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value={tab ?? ""}>
          <Outlet />
        </Tabs.Panel>
      </Tabs>
    </>
  );
}
