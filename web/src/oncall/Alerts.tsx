// The alerts behind an incident.
import { Code, Group, Stack, Text } from "@mantine/core";
import type { Schema } from "../api/schema";
import { Instant } from "../ui/Instant";
import { Panel } from "../ui/Panel";
import classes from "./oncall.module.css";

export function Alerts({ alerts }: { alerts: Schema["Alert"][] }) {
  if (alerts.length === 0) return null;
  return (
    <Panel title="Alerts">
      <Stack component="ul" gap={0} className={classes.plain}>
        {alerts.map((alert) => (
          <Stack key={alert.id} component="li" className={classes.item} gap={4}>
            <Text size="sm">{alert.summary}</Text>
            <Group gap={6} fz="xs" c="dimmed">
              <span>{alert.severity}</span>
              <span>
                {alert.count === 1 ? "came" : `came ${alert.count} times, last`} <Instant at={alert.lastAt} />
              </span>
              {alert.resolvedAt && (
                <span>
                  over <Instant at={alert.resolvedAt} />
                </span>
              )}
            </Group>
            {alert.details != null && (
              <Code block tabIndex={0} aria-label="What its sender added">
                {JSON.stringify(alert.details, null, 2)}
              </Code>
            )}
          </Stack>
        ))}
      </Stack>
    </Panel>
  );
}
