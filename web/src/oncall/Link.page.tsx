// The page behind the links of a page: what is wrong, what changed, what was taken back; two buttons. Looking changes nothing.
import { Box, Button, Stack, Text, Title } from "@mantine/core";
import { IconArrowBackUp, IconHandStop } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useParams } from "react-router";
import type { Schema } from "../api/schema";
import { useNow } from "../lib/now";
import { ago } from "../lib/time";
import { MeaningLabel } from "../ui/Meaning";
import { ProblemNote } from "../ui/problem";
import { Failed, Loading } from "../ui/States";
import classes from "./oncall.module.css";
import { link, useAcknowledgeByLink, useUndoByLink } from "./queries/link";
import { Said } from "./Said";
import { STATES } from "./words";

export default function LinkPage() {
  const { code = "" } = useParams();
  const found = useQuery(link(code));
  return (
    <Box component="main" className={classes.link}>
      <img src="/favicon.svg" width={32} height={32} alt="Steadfast" />
      {found.isPending && <Loading />}
      {found.isError && <Failed error={found.error} retry={() => void found.refetch()} />}
      {found.data && <Linked code={code} it={found.data} />}
    </Box>
  );
}

function Linked({ code, it }: { code: string; it: Schema["LinkView"] }) {
  const now = useNow();
  const acknowledge = useAcknowledgeByLink(code);
  const undo = useUndoByLink(code);
  const { word, meaning } = STATES[it.state];
  return (
    <Stack gap="lg" mt="sm">
      <Stack gap={4}>
        <MeaningLabel meaning={meaning}>
          {word}, incident {it.number}
        </MeaningLabel>
        <Title order={1}>{it.title}</Title>
        {it.summary !== it.title && <Text>{it.summary}</Text>}
      </Stack>
      <Said answer={undo.data ?? acknowledge.data} />
      <ProblemNote error={undo.error ?? acknowledge.error} />
      {it.canAcknowledge && (
        <Button
          size="xl"
          fullWidth
          leftSection={<IconHandStop />}
          loading={acknowledge.isPending}
          onClick={() => acknowledge.mutate()}
        >
          Acknowledge
        </Button>
      )}
      {it.canUndo && (
        <Stack gap="xs">
          <Button
            size="xl"
            color="red"
            fullWidth
            leftSection={<IconArrowBackUp />}
            loading={undo.isPending}
            onClick={() => undo.mutate()}
          >
            Undo change {it.change?.seq}
          </Button>
          <Text size="sm" c="dimmed">
            Every SDK goes back to what it served before that change, within a second. Refused if somebody
            changed the same thing since.
          </Text>
        </Stack>
      )}
      <Facts it={it} now={now} />
      <Text size="sm" c="dimmed">
        You act as {it.person}. This link works until {new Date(it.expiresAt).toLocaleString()}.{" "}
        <a href={`/incidents/${it.incident}`}>Open the incident</a>
      </Text>
    </Stack>
  );
}

function Facts({ it, now }: { it: Schema["LinkView"]; now: Date }) {
  return (
    <Stack gap="md">
      <Fact name="What changed">
        {it.change ? (
          <>
            {it.change.sentences.join(" ")} By {it.change.actor.name}, {ago(it.change.at, now)}, change{" "}
            {it.change.seq}.
          </>
        ) : (
          "No change is known to have caused it."
        )}
      </Fact>
      <Fact name="What was taken back">
        {it.undone
          ? `Change ${it.undone.change} took it back ${ago(it.undone.at, now)}, by ${it.undone.by.name}.`
          : "Nothing yet."}
      </Fact>
      <Fact name="Who has it">
        {it.acknowledgement
          ? `${it.acknowledgement.by.name}, since ${ago(it.acknowledgement.at, now)}.`
          : "Nobody yet."}
      </Fact>
    </Stack>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <Title order={2}>{name}</Title>
      <Text>{children}</Text>
    </div>
  );
}
