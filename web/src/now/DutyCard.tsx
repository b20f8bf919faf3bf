// Who is awake for this.
import { Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTo } from "../app/place";
import { dayAndTime } from "../lib/calendar";
import { onCall } from "../oncall/queries/duty";
import { MeaningLabel } from "../ui/Meaning";
import { Card } from "./Card";

export function DutyCard() {
  const to = useTo();
  const duty = useQuery(onCall).data;
  if (!duty) return null;
  const gap = duty.schedules.some(({ people }) => people.length === 0);
  return (
    <Card
      to={to("/on-call")}
      title="On call"
      label={gap ? <MeaningLabel meaning="regressed">Gap</MeaningLabel> : null}
      sentence={
        duty.schedules.length === 0 ? "There is no schedule; every page goes to the catch-all." : null
      }
    >
      <Stack gap={4}>
        {duty.schedules.map(({ schedule, name, people, until, next }) => (
          <Text key={schedule} size="sm">
            {name}: <b>{people.map((one) => one.name).join(", ") || "nobody"}</b>
            {until &&
              `, until ${dayAndTime(until)}, then ${next.map((one) => one.name).join(", ") || "nobody"}`}
          </Text>
        ))}
      </Stack>
    </Card>
  );
}
