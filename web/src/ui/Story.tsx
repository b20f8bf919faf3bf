// What happened, one event below the other: a sentence, who, and when.
import { Group, Text, Timeline } from "@mantine/core";
import type { ReactNode } from "react";
import { Instant } from "./Instant";

export type StoryEvent = {
  id: string | number;
  at: string;
  icon: ReactNode;
  /** A colour variable, where the event has a meaning. */
  color?: string;
  sentence: ReactNode;
  /** Who, or what else there is to say. */
  below?: ReactNode;
};

export function Story({ label, events }: { label: string; events: StoryEvent[] }) {
  return (
    <Timeline bulletSize={26} lineWidth={2} aria-label={label} role="list" color="gray">
      {events.map(({ id, at, icon, color, sentence, below }) => (
        <Timeline.Item
          key={id}
          role="listitem"
          bullet={<span style={{ color: color ?? "var(--unknown)", display: "inline-flex" }}>{icon}</span>}
          title={
            <Text size="sm" style={{ overflowWrap: "anywhere", whiteSpace: "pre-wrap" }}>
              {sentence}
            </Text>
          }
        >
          <Group gap={6} c="dimmed" fz="xs">
            <Instant at={at} />
            {below}
          </Group>
        </Timeline.Item>
      ))}
    </Timeline>
  );
}
