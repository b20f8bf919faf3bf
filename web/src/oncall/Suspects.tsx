// Which changes may have brought an incident about, the caused one first, each with its way back.
import { Badge, Button, Group, Stack, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconArrowBackUp } from "@tabler/icons-react";
import { Link } from "react-router";
import type { Schema } from "../api/schema";
import { useTo } from "../app/place";
import { useMay } from "../app/session";
import { Confirm } from "../ui/Confirm";
import { Instant } from "../ui/Instant";
import { MeaningLabel } from "../ui/Meaning";
import { Panel } from "../ui/Panel";
import { done } from "../ui/toast";
import classes from "./oncall.module.css";
import { useUndoCause, useUndoChange } from "./queries/incidents";

type Suspect = Schema["Suspect"];

const FIRST = 3;

export function Suspects({ incident }: { incident: Schema["IncidentDetail"] }) {
  const { suspects } = incident;
  const [all, { open }] = useDisclosure();
  const shown = all ? suspects : suspects.slice(0, FIRST);
  return (
    <Panel title="What changed" sentence={standing(suspects)}>
      {suspects.length > 0 && (
        <Stack component="ul" gap={0} className={classes.plain}>
          {shown.map((suspect) => (
            <One key={suspect.change.seq} suspect={suspect} incident={incident} />
          ))}
        </Stack>
      )}
      {shown.length < suspects.length && (
        <Button variant="default" size="xs" mt="sm" onClick={open}>
          Show {suspects.length - shown.length} more
        </Button>
      )}
    </Panel>
  );
}

/** What is known of them, in a sentence. */
function standing(suspects: Suspect[]): string {
  if (suspects.length === 0) return "Nothing was changed here in the 24 hours before it began.";
  if (suspects.some(({ relation }) => relation === "caused"))
    return "The guard that raised the alert watched the first of these.";
  return "Changes before it began, the most suspect first. None is proven.";
}

function One({ suspect, incident }: { suspect: Suspect; incident: Schema["IncidentDetail"] }) {
  const { change, relation, score, reasons, undoneBy } = suspect;
  const to = useTo();
  return (
    <Group component="li" className={classes.item} justify="space-between" align="flex-start" gap="sm">
      <Stack gap={4} flex="1 1 16rem" miw={0}>
        <Group gap="xs">
          {relation === "caused" ? (
            <MeaningLabel meaning="regressed">Caused it</MeaningLabel>
          ) : (
            <Badge variant="default" tt="none" fw={500}>
              Suspect, {Math.round(score * 100)} %
            </Badge>
          )}
          {change.noun === "flag" || change.noun === "configuration" ? (
            <Link to={to("/flags", change.key)}>{change.key}</Link>
          ) : (
            <Text span>
              {change.noun} {change.key}
            </Text>
          )}
        </Group>
        {change.sentences.map((sentence) => (
          <Text key={sentence} size="sm">
            {sentence}
          </Text>
        ))}
        <Text size="xs" c="dimmed">
          {change.actor.name}, <Instant at={change.at} />, change {change.seq}
          {change.environment ? ` in ${change.environment}` : ""}: {reasons.join("; ")}
        </Text>
      </Stack>
      {undoneBy === undefined ? (
        <Undo suspect={suspect} incident={incident.id} />
      ) : (
        <MeaningLabel meaning="healthy">Taken back by change {undoneBy}</MeaningLabel>
      )}
    </Group>
  );
}

function Undo({ suspect: { change, relation }, incident }: { suspect: Suspect; incident: string }) {
  const may = useMay("writer");
  const say = ({ sentence }: { sentence: string }) => done({ message: sentence });
  const cause = useUndoCause(incident, say);
  const other = useUndoChange(say);
  if (!may || !change.undoable) return null;
  const caused = relation === "caused";
  const undo = () => (caused ? cause.mutate() : other.mutate(change.seq));
  return (
    <Confirm
      verb={`Take back change ${change.seq}`}
      variant={caused ? "filled" : "default"}
      color={caused ? "red" : "gray"}
      leftSection={<IconArrowBackUp size={16} />}
      loading={cause.isPending || other.isPending}
      consequence={<Reach change={change} />}
      onConfirm={undo}
    />
  );
}

function Reach({ change }: { change: Schema["ChangeSummary"] }) {
  const where = change.environment ?? `every environment of ${change.project}`;
  return (
    <Stack gap="xs">
      <Text size="sm">
        Everybody who got something else by this change in {where} gets back what they had before, in every
        SDK, within a second:
      </Text>
      <ul className={classes.sentences}>
        {change.sentences.map((sentence) => (
          <li key={sentence}>{sentence}</li>
        ))}
      </ul>
      <Text size="sm" c="dimmed">
        If {change.key} was changed in the same place since, this is refused and nothing happens.
      </Text>
    </Stack>
  );
}
