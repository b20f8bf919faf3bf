// One incident: what is wrong, whose it is, how it is taken back.
import { Button, Grid, Group, Stack } from "@mantine/core";
import { IconCheck, IconHandStop } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useParams } from "react-router";
import type { Schema } from "../api/schema";
import { useMay } from "../app/session";
import { useNow } from "../lib/now";
import { Confirm } from "../ui/Confirm";
import { MeaningLabel } from "../ui/Meaning";
import { PageHead } from "../ui/PageHead";
import { Panel } from "../ui/Panel";
import { Failed, Loading } from "../ui/States";
import { done } from "../ui/toast";
import { Alerts } from "./Alerts";
import { NoteForm } from "./NoteForm";
import { PagesSent } from "./PagesSent";
import { incident, useAcknowledge, useResolve } from "./queries/incidents";
import { Suspects } from "./Suspects";
import { Timeline } from "./Timeline";
import { Times } from "./Times";
import { STATES, stateOf } from "./words";

export default function IncidentPage() {
  const { id = "" } = useParams();
  const found = useQuery(incident(id));
  if (found.isPending) return <Loading rows={6} />;
  if (found.isError) return <Failed error={found.error} retry={() => void found.refetch()} />;
  const it = found.data;
  return (
    <>
      <Head incident={it} />
      <Grid gap="md">
        <Grid.Col span={{ base: 12, lg: 7 }}>
          <Stack>
            <Suspects incident={it} />
            <Times spans={it.spans} over={it.state === "resolved"} />
            <Alerts alerts={it.alerts} />
            <PagesSent incident={it} />
          </Stack>
        </Grid.Col>
        <Grid.Col span={{ base: 12, lg: 5 }}>
          <Panel title="Timeline">
            <Note incident={it.id} />
            <Timeline events={it.timeline} />
          </Panel>
        </Grid.Col>
      </Grid>
    </>
  );
}

function Note({ incident }: { incident: string }) {
  return useMay("writer") ? <NoteForm incident={incident} /> : null;
}

function Head({ incident: it }: { incident: Schema["IncidentDetail"] }) {
  const now = useNow();
  const may = useMay("writer");
  const { word, meaning } = STATES[it.state];
  return (
    <PageHead
      title={`${it.number}: ${it.title}`}
      sentence={
        <>
          <MeaningLabel meaning={meaning}>{word}</MeaningLabel>{" "}
          <span>
            for {it.service}, at {it.urgency} urgency. {stateOf(it, now)}
          </span>
        </>
      }
      actions={may && it.state !== "resolved" && <Answers incident={it} />}
    />
  );
}

function Answers({ incident: { id, acknowledgement } }: { incident: Schema["IncidentDetail"] }) {
  const say = ({ sentence }: { sentence: string }) => done({ message: sentence });
  const acknowledge = useAcknowledge(id, say);
  const resolve = useResolve(id, say);
  return (
    <Group gap="xs">
      {!acknowledgement && (
        <Button
          size="md"
          leftSection={<IconHandStop size={18} />}
          loading={acknowledge.isPending}
          onClick={() => acknowledge.mutate()}
        >
          Acknowledge
        </Button>
      )}
      <Confirm
        verb="Resolve"
        size="md"
        variant="default"
        color="ink"
        leftSection={<IconCheck size={18} />}
        loading={resolve.isPending}
        consequence="The incident closes for everybody and nobody is paged for it any more. If the alert comes again, a new incident opens."
        onConfirm={() => resolve.mutate()}
      />
    </Group>
  );
}
