// A release under way: its share, its step, and what its guards say.
import { Progress, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { Schema } from "../api/draft2";
import { address } from "../app/place";
import { Instant } from "../ui/Instant";
import { MeaningLabel } from "../ui/Meaning";
import { Card } from "./Card";
import { evidence } from "./queries";

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

/** What the guard says that looks worst. */
function Verdict({ release: { id, plan } }: { release: Release }) {
  const seen = useQuery(evidence(id)).data;
  if (plan.guards.length === 0) return <MeaningLabel meaning="unknown">Not watched</MeaningLabel>;
  if (!seen) return null;
  return <MeaningLabel meaning={seen.verdict}>{WORDS[seen.verdict]}</MeaningLabel>;
}

const WORDS = {
  healthy: "Healthy",
  suspect: "Suspect",
  regressed: "Regressed",
  unknown: "Too early to tell",
};

function share(step: Schema["Step"] | undefined): number {
  return step && "percentage" in step.audience ? step.audience.percentage : 0;
}
