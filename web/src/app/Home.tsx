// An address without a place leads to the same page in the last place, or in the first production environment.
import { Stack, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Navigate, useLocation, useParams } from "react-router";
import { projects } from "../flags/queries/places";
import { Failed, Loading } from "../ui/States";
import { address, lastPlace, type Place } from "./place";

export function Home() {
  const { project, environment } = useParams();
  const { pathname } = useLocation();
  const path = project || pathname === "/" ? "/now" : pathname;
  const known = project && environment ? { project, environment } : lastPlace();
  if (known) return <Navigate to={address(known, path)} replace />;
  return <First path={path} />;
}

function First({ path }: { path: string }) {
  const list = useQuery(projects());
  if (list.isPending) return <Loading />;
  if (list.isError) return <Failed error={list.error} retry={() => void list.refetch()} />;
  const place = first(list.data);
  if (place) return <Navigate to={address(place, path)} replace />;
  return (
    <Stack p="xl">
      <Title order={1}>There is no project yet</Title>
      <Text>An admin can create one: POST /api/projects.</Text>
    </Stack>
  );
}

type Listed = { key: string; environments: { key: string; production: boolean }[] };

function first(list: Listed[]): Place | null {
  const places = list.flatMap(({ key, environments }) =>
    environments.map(({ key: environment, production }) => ({ project: key, environment, production })),
  );
  return places.find(({ production }) => production) ?? places[0] ?? null;
}
