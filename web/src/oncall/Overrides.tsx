// The overrides of a week, each with its way back.
import { Group, Stack, Text } from "@mantine/core";
import type { Schema } from "../api/schema";
import { useMay } from "../app/session";
import { dayAndTime } from "../lib/calendar";
import { Confirm } from "../ui/Confirm";
import { done } from "../ui/toast";
import classes from "./oncall.module.css";
import { useDeleteOverride } from "./queries/duty";

type Override = Schema["OverrideView"];

export function Overrides({ schedule, overrides }: { schedule: string; overrides: Override[] }) {
  const may = useMay("writer");
  const remove = useDeleteOverride(() => done({ message: "The schedule counts again." }));
  if (overrides.length === 0) return null;
  return (
    <Stack component="ul" gap={0} className={classes.plain} aria-label="Overrides">
      {overrides.map((one) => (
        <Group key={one.id} component="li" className={classes.item} justify="space-between" gap="xs">
          <Text size="sm" flex="1 1 14rem">
            {told(one)}{" "}
            <Text span size="sm" c="dimmed">
              Arranged by {one.createdBy}.
            </Text>
          </Text>
          {may && (
            <Confirm
              verb="Take the override away"
              size="xs"
              variant="default"
              color="ink"
              consequence={`${told(one)} Without it the schedule counts again, at once.`}
              onConfirm={() => remove.mutate({ schedule, id: one.id })}
            >
              Take away
            </Confirm>
          )}
        </Group>
      ))}
    </Stack>
  );
}

function told({ person, replaces, from, to }: Override): string {
  const who = person?.name ?? "Nobody";
  const whom = replaces ? ` for ${replaces.name}` : "";
  return `${who} stands in${whom}, ${dayAndTime(from)} – ${dayAndTime(to)}.`;
}
