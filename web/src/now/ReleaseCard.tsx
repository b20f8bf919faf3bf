// A release under way: its share, its step, and what its guards say.
import { Progress, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { Schema } from "../api/schema";
import { address } from "../app/place";
import { evidence } from "../releases/queries/releases";
import { verdictOf } from "../releases/reading";
import { Instant } from "../ui/Instant";
import { MeaningLabel } from "../ui/Meaning";
import { Card } from "./Card";

type Release = Schema["Release"];

export function ReleaseCard({ release }: { release: Release }) {
  const { id, flag, project, environment, plan, progress, state } = release;
  const step = plan.steps[progress.step];
  return (
    <Card
      to={address({ project, environment }, "/releases", id)}
      title={`Release of ${flag}`}
      label={
        state === "held" ? <MeaningLabel meaning="suspect">Held</MeaningLabel> : <Verdict release={release} />
      }
      sentence={
        <>
          Step {progress.step + 1} of {plan.steps.length}, {step?.name}, since{" "}
          <Instant at={progress.stepStartedAt} />.
        </>
      }
    >
      <Progress
        value={share(step)}
        aria-label={`${share(step)} % of contexts have ${plan.treatmentName}`}
        size="sm"
      />
      <Text size="xs" c="dimmed">
        {project}, {environment}: {plan.treatmentName} instead of {plan.controlName}
      </Text>
    </Card>
  );
}

/** What the judge says. */
function Verdict({ release: { id } }: { release: Release }) {
  const seen = useQuery(evidence(id, true)).data;
  if (!seen) return null;
  const { meaning, word } = verdictOf(seen);
  return <MeaningLabel meaning={meaning}>{word}</MeaningLabel>;
}

function share(step: Schema["Step"] | undefined): number {
  return step && "percentage" in step.audience ? step.audience.percentage : 0;
}
