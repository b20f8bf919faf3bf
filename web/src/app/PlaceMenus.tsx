// Project ▾ environment ▾: changing one leads to the same page there.
import { Group, Menu, Text, UnstyledButton } from "@mantine/core";
import { IconChevronDown } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link, useLocation } from "react-router";
import { environmentOf, projects } from "../flags/queries/places";
import { address, type Place, usePlace } from "./place";
import classes from "./Shell.module.css";

export function PlaceMenus() {
  const here = usePlace();
  const list = useQuery(projects()).data ?? [];
  const path = useSection();
  const project = list.find(({ key }) => key === here.project);
  const environment = environmentOf(list, here);
  return (
    <Group gap={2} wrap="nowrap" miw={0}>
      <Choice
        label="Project"
        now={project?.name ?? here.project}
        options={list.flatMap(({ key, name, environments }) => {
          const same = environments.find((one) => one.key === here.environment) ?? environments[0];
          return same ? [{ key, name, to: address({ project: key, environment: same.key }, path) }] : [];
        })}
      />
      <Choice
        label="Environment"
        now={environment?.name ?? here.environment}
        production={environment?.production}
        options={(project?.environments ?? []).map(({ key, name }) => ({
          key,
          name,
          to: address({ ...here, environment: key } as Place, path),
        }))}
      />
    </Group>
  );
}

/** The first part of the path below the place: a thing of one place may not be there in another, its list is. */
function useSection(): string {
  const [, , , section = "now"] = useLocation().pathname.split("/");
  return `/${section}`;
}

type Option = { key: string; name: string; to: string };
type Props = { label: string; now: string; options: Option[]; production?: boolean };

function Choice({ label, now, options, production = false }: Props) {
  return (
    <Menu position="bottom-start" width={220}>
      <Menu.Target>
        <UnstyledButton p={6} aria-label={`${label}: ${now}`} miw={0}>
          <Group gap={4} wrap="nowrap">
            <Text
              size="sm"
              className={classes.place}
              data-production={production || undefined}
              truncate
              maw="9rem"
            >
              {now}
            </Text>
            <IconChevronDown size={14} aria-hidden style={{ flexShrink: 0 }} />
          </Group>
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{label}</Menu.Label>
        {options.map(({ key, name, to }) => (
          <Menu.Item key={key} component={Link} to={to}>
            {name}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
