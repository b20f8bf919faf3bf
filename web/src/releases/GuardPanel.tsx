// What one guard has seen: treatment against control, the evidence of harm, and what would trip it.
import { SimpleGrid, Stack, Text } from "@mantine/core";
import type { Schema } from "../api/schema";
import { MeaningLabel } from "../ui/Meaning";
import { Panel } from "../ui/Panel";
import { EvidenceChart, ShareChart } from "./Charts";
import { counted, course, magnitude, total } from "./evidence";
import { Numbers } from "./Numbers";
import { type Marker, meaningOf } from "./reading";
import { consequence, type Guard, tolerated } from "./words";

type Props = {
  guard: Guard;
  reading: Schema["GuardEvidence"];
  /** When the steps began. */
  markers: Marker[];
};

export function GuardPanel({ guard, reading, markers }: Props) {
  const points = course(reading, guard.tolerance);
  const { meaning, word } = meaningOf(reading);
  const { threshold, evidence } = reading;
  return (
    <Panel
      title={
        <>
          {reading.metric} <MeaningLabel meaning={meaning}>{word}</MeaningLabel>
        </>
      }
      sentence={`If it gets ${tolerated(guard.tolerance)}, ${consequence(guard)}: at evidence ${magnitude(threshold)}; it is now ${magnitude(evidence)}.`}
    >
      <Stack gap="sm">
        <Text size="sm">
          Bad in treatment: <b>{counted(total(reading, "treatment"))}</b>. Bad in control:{" "}
          <b>{counted(total(reading, "control"))}</b>.
        </Text>
        {points.length > 0 && (
          <>
            <SimpleGrid cols={{ base: 1, sm: 2 }}>
              <EvidenceChart
                points={points}
                threshold={threshold}
                markers={markers}
                metric={reading.metric}
              />
              <ShareChart points={points} markers={markers} metric={reading.metric} />
            </SimpleGrid>
            <Numbers reading={reading} />
          </>
        )}
      </Stack>
    </Panel>
  );
}
