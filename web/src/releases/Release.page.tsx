// One release: is it safe to go on?
import { Grid, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "react-router";
import type { Schema } from "../api/schema";
import { useTo } from "../app/place";
import { useMay } from "../app/session";
import { useNow } from "../lib/now";
import { MeaningLabel } from "../ui/Meaning";
import { PageHead } from "../ui/PageHead";
import { Panel } from "../ui/Panel";
import { Failed, Loading } from "../ui/States";
import { Commands } from "./Commands";
import { Decisions } from "./Decisions";
import { GuardPanel } from "./GuardPanel";
import { Path } from "./Path";
import { evidence, release } from "./queries/releases";
import { verdictOf } from "./reading";
import { isOpen, promise, type Release, STATES, sentence, stateOf, whole } from "./words";

export default function ReleasePage() {
  const { id = "" } = useParams();
  const found = useQuery(release(id));
  if (found.isPending) return <Loading rows={6} />;
  if (found.isError) return <Failed error={found.error} retry={() => void found.refetch()} />;
  const it = found.data;
  return (
    <>
      <Head release={it} />
      <Grid gap="md">
        <Grid.Col span={{ base: 12, lg: 8 }}>
          <Stack>
            <Path release={it} />
            <Guards release={it} />
          </Stack>
        </Grid.Col>
        <Grid.Col span={{ base: 12, lg: 4 }}>
          <Stack>
            <Decisions release={it.id} />
            <About release={it} />
          </Stack>
        </Grid.Col>
      </Grid>
    </>
  );
}

function Head({ release: it }: { release: Release }) {
  const now = useNow();
  const may = useMay("writer");
  const { word, meaning } = STATES[it.state];
  return (
    <PageHead
      title={`Release of ${it.flag}`}
      sentence={
        <>
          <MeaningLabel meaning={meaning}>{word}</MeaningLabel> <span>{stateOf(it, now)}</span>
        </>
      }
      actions={may && <Commands release={it} />}
    />
  );
}

function Guards({ release: it }: { release: Release }) {
  const seen = useQuery(evidence(it.id, isOpen(it)));
  const { guards, steps } = it.plan;
  if (seen.isPending) return <Loading rows={5} />;
  if (seen.isError) return <Failed error={seen.error} retry={() => void seen.refetch()} />;
  const markers = it.progress.taken.map(({ step, startedAt }) => ({
    at: new Date(startedAt).getTime(),
    name: steps[step]?.name ?? "",
  }));
  return (
    <>
      {seen.data.sentence && isOpen(it) && <Judgement evidence={seen.data} />}
      {seen.data.guards.map((reading) => {
        const guard = guards.find(({ metric }) => metric === reading.metric);
        return (
          guard && (
            <GuardPanel key={reading.metric} guard={whole(guard)} reading={reading} markers={markers} />
          )
        );
      })}
    </>
  );
}

/** What the judge says now, in its own words. */
function Judgement({ evidence }: { evidence: Schema["Evidence"] }) {
  const { meaning, word } = verdictOf(evidence);
  return (
    <Panel title="Verdict" actions={<MeaningLabel meaning={meaning}>{word}</MeaningLabel>}>
      <Text size="sm">{sentence(evidence.sentence ?? "")}</Text>
    </Panel>
  );
}

function About({ release: { flag, plan } }: { release: Release }) {
  const to = useTo();
  return (
    <Panel title="About">
      <Stack gap={4} fz="sm">
        <Text inherit>
          <Link to={to("/flags", flag)}>{flag}</Link>: {plan.treatmentName} instead of {plan.controlName},
          dealt by {plan.contextKind}, pipeline {plan.pipeline}.
        </Text>
        <Text inherit>
          Started by {plan.startedBy.name}
          {plan.comment && `: ${plan.comment}`}
        </Text>
        <Text inherit>
          {plan.service
            ? `Whoever is on call for ${plan.service} is paged.`
            : "Alerts go to the default service."}
        </Text>
        <Text inherit c="dimmed">
          {promise(plan)}
        </Text>
      </Stack>
    </Panel>
  );
}
