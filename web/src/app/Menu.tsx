// The capabilities by their names: beside the page, or below it at phone width.
import { Menu, Stack, UnstyledButton } from "@mantine/core";
import {
  IconActivity,
  IconAlertOctagon,
  IconChartLine,
  IconDots,
  IconFlag,
  IconPhoneCall,
  IconPlugConnected,
  IconRocket,
  IconSettings,
} from "@tabler/icons-react";
import { Link, NavLink } from "react-router";
import { useTo } from "./place";
import classes from "./Shell.module.css";

export const ENTRIES = [
  { path: "/now", name: "Now", icon: IconActivity },
  { path: "/flags", name: "Flags", icon: IconFlag },
  { path: "/sdks", name: "SDKs", icon: IconPlugConnected },
  { path: "/releases", name: "Releases", icon: IconRocket },
  { path: "/metrics", name: "Metrics", icon: IconChartLine },
  { path: "/on-call", name: "On-call", icon: IconPhoneCall },
  { path: "/incidents", name: "Incidents", icon: IconAlertOctagon },
  { path: "/settings", name: "Settings", icon: IconSettings },
];

// What is needed with one thumb, at night.
const FIRST = ["/now", "/flags", "/releases", "/incidents"];

export function SideMenu() {
  const to = useTo();
  return (
    <Stack component="nav" gap={2} aria-label="Capabilities">
      {ENTRIES.map(({ path, name, icon: Icon }) => (
        <NavLink key={path} to={to(path)} className={classes.entry}>
          <Icon size={18} aria-hidden />
          {name}
        </NavLink>
      ))}
    </Stack>
  );
}

export function BottomMenu() {
  const to = useTo();
  const first = ENTRIES.filter(({ path }) => FIRST.includes(path));
  const rest = ENTRIES.filter(({ path }) => !FIRST.includes(path));
  return (
    <nav className={classes.tabs} aria-label="Capabilities">
      {first.map(({ path, name, icon: Icon }) => (
        <NavLink key={path} to={to(path)} className={classes.tab}>
          <Icon size={22} aria-hidden />
          {name}
        </NavLink>
      ))}
      <Menu position="top-end" width={200}>
        <Menu.Target>
          <UnstyledButton className={classes.tab}>
            <IconDots size={22} aria-hidden />
            More
          </UnstyledButton>
        </Menu.Target>
        <Menu.Dropdown>
          {rest.map(({ path, name, icon: Icon }) => (
            <Menu.Item
              key={path}
              component={Link}
              to={to(path)}
              leftSection={<Icon size={18} aria-hidden />}
              h={44}
            >
              {name}
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
    </nav>
  );
}
