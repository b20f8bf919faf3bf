// ⌘K: go anywhere, find a flag, change place or colours.
import { useMantineColorScheme } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { createSpotlight, Spotlight, type SpotlightActionData } from "@mantine/spotlight";
import { IconFlag, IconMapPin, IconMoon, IconSearch, IconSun, IconUsersGroup } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { useNavigate } from "react-router";
import { foundFlags } from "../flags/queries/flags";
import { projects } from "../flags/queries/places";
import { ENTRIES } from "./Menu";
import { address, usePlace } from "./place";

const ENOUGH = 8;
/** No entry of the menu: they belong to flags. */
const SEGMENTS = { path: "/segments", name: "Segments", icon: IconUsersGroup };

const [box, commands] = createSpotlight();
export const openCommands = commands.open;

/** Enter does the first thing in the list also when the list has changed after the last key, as when flags are found. */
function selectFirst() {
  const { listId, query } = box.getState();
  const list = query === "" ? null : document.getElementById(listId);
  if (list === null || list.querySelector("[data-selected]") !== null) return;
  list.querySelector("[data-action]")?.setAttribute("data-selected", "true");
  box.updateState((state) => ({ ...state, selected: 0 }));
}

export function Commands() {
  const [query, setQuery] = useState("");
  const [asked] = useDebouncedValue(query.trim(), 200);
  const here = usePlace();
  const navigate = useNavigate();
  const { setColorScheme } = useMantineColorScheme();
  const places = useQuery(projects()).data ?? [];
  const flags = useQuery({ ...foundFlags(here.project, asked), enabled: asked !== "" }).data ?? [];
  useEffect(selectFirst);

  const pages: SpotlightActionData[] = [...ENTRIES, SEGMENTS].map(({ path, name, icon: Icon }) => ({
    id: path,
    label: `Go to ${name}`,
    leftSection: <Icon size={18} aria-hidden />,
    onClick: () => navigate(address(here, path)),
  }));
  const found: SpotlightActionData[] = flags.slice(0, ENOUGH).map(({ key, name }) => ({
    id: `flag ${key}`,
    label: name,
    description: key,
    keywords: [asked],
    leftSection: <IconFlag size={18} aria-hidden />,
    onClick: () => navigate(address(here, "/flags", key)),
  }));
  const elsewhere: SpotlightActionData[] = places.flatMap((project) =>
    project.environments.map((environment) => ({
      id: `place ${project.key} ${environment.key}`,
      label: `Change to ${project.name}, ${environment.name}`,
      leftSection: <IconMapPin size={18} aria-hidden />,
      onClick: () => navigate(address({ project: project.key, environment: environment.key }, "/now")),
    })),
  );
  const colours: SpotlightActionData[] = [
    {
      id: "light",
      label: "Light colours",
      leftSection: <IconSun size={18} />,
      onClick: () => setColorScheme("light"),
    },
    {
      id: "dark",
      label: "Dark colours",
      leftSection: <IconMoon size={18} />,
      onClick: () => setColorScheme("dark"),
    },
  ];
  return (
    <Spotlight
      store={box}
      query={query}
      onQueryChange={setQuery}
      actions={[...found, ...pages, ...elsewhere, ...colours]}
      shortcut={["mod + K", "/"]}
      nothingFound="Nothing is called that"
      highlightQuery
      scrollable
      maxHeight={420}
      attributes={{ content: { "aria-label": "Search or do" } }}
      searchProps={{
        leftSection: <IconSearch size={18} />,
        placeholder: "A flag, a page, something to do",
        "aria-label": "Search or do",
      }}
    />
  );
}
