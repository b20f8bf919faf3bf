// An open incident: how old, how bad, and who has it.
import { Text } from "@mantine/core";
import type { Schema } from "../api/schema";
import { useTo } from "../app/place";
import { Instant } from "../ui/Instant";
import { MeaningLabel } from "../ui/Meaning";
import { Card } from "./Card";

export function IncidentCard({ incident }: { incident: Schema["IncidentView"] }) {
  const to = useTo();
  const { id, number, title, state, service, urgency, times, acknowledgement, undone } = incident;
  return (
    <Card
      to={to("/incidents", id)}
      title={`Incident ${number}: ${title}`}
      label={
        <MeaningLabel meaning={state === "triggered" ? "regressed" : "suspect"}>
          {state.charAt(0).toUpperCase() + state.slice(1)}
        </MeaningLabel>
      }
      sentence={
        <>
          Began <Instant at={times.started ?? times.detected} />;{" "}
          {acknowledgement ? `${acknowledgement.by.name} has it.` : "nobody has it yet."}
        </>
      }
    >
      <Text size="xs" c="dimmed">
        {service}, {urgency} urgency{undone ? `; the cause was taken back by ${undone.by.name}` : ""}
      </Text>
    </Card>
  );
}
