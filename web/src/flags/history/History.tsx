// What was done to the flag, newest first, and the ways back.

import { Button, Group, Stack, Text, Timeline } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import type { Schema } from "../../api/schema";
import { useTo } from "../../app/place";
import { useMay } from "../../app/session";
import { Confirm } from "../../ui/Confirm";
import { Instant } from "../../ui/Instant";
import { Panel } from "../../ui/Panel";
import { Empty, Failed, Loading } from "../../ui/States";
import { type Change, flagChanges, useRestore, useUndo } from "../queries/changes";
import type { FlagHere } from "../useFlag";
import { useTold } from "../useTold";

export function History({ here }: { here: FlagHere }) {
  const pages = useInfiniteQuery(flagChanges(here.place, here.key));
  const changes = pages.data?.pages.flatMap(({ items }) => items) ?? [];
  return (
    <Panel title="History" sentence={`Here in ${here.place.environment}, and in all environments.`}>
      {pages.isPending && <Loading />}
      {pages.isError && <Failed error={pages.error} retry={() => void pages.refetch()} />}
      {pages.isSuccess && changes.length === 0 && <Empty>Nothing was changed yet.</Empty>}
      <Timeline bulletSize={14} lineWidth={2}>
        {changes.map((change) => (
          <Timeline.Item key={change.seq} title={<Sentences change={change} />}>
            <Entry change={change} here={here} first={change === changes.at(-1) && !pages.hasNextPage} />
          </Timeline.Item>
        ))}
      </Timeline>
      {pages.hasNextPage && (
        <Button
          variant="default"
          mt="md"
          loading={pages.isFetchingNextPage}
          onClick={() => void pages.fetchNextPage()}
        >
          Show older changes
        </Button>
      )}
    </Panel>
  );
}

function Sentences({ change }: { change: Change }) {
  return (
    <Stack gap={0} component="span">
      {change.sentences.map((sentence) => (
        <Text key={sentence} span size="sm" fw={600} style={{ overflowWrap: "anywhere" }}>
          {sentence}
        </Text>
      ))}
    </Stack>
  );
}

type EntryProps = {
  change: Change;
  here: FlagHere;
  /** The one that made the flag: to take it back is to delete the flag, which has its own place. */
  first: boolean;
};

function Entry({ change, here, first }: EntryProps) {
  return (
    <Stack gap={4} mt={4}>
      {change.comment && <Text size="sm">“{change.comment}”</Text>}
      <Group gap={6}>
        <Text size="sm" c="dimmed" component="span">
          Change {change.seq} by {change.actor.name}, <Instant at={change.at} />
          {change.noun === "flag" && ", in all environments"}
        </Text>
        <Why change={change} />
      </Group>
      <Ways change={change} here={here} first={first} />
    </Stack>
  );
}

function Why({ change: { cause } }: { change: Change }) {
  const to = useTo();
  return (
    <>
      {cause.releaseId && (
        <Text size="sm" component={Link} to={to("/releases", cause.releaseId)}>
          its release
        </Text>
      )}
      {cause.incidentId && (
        <Text size="sm" component={Link} to={to("/incidents", cause.incidentId)}>
          its incident
        </Text>
      )}
      {cause.undoOf && (
        <Text size="sm" c="dimmed">
          takes change {cause.undoOf} back
        </Text>
      )}
    </>
  );
}

function Ways({ change, here, first }: EntryProps) {
  const undo = useUndo();
  const restore = useRestore(here.place, here.key);
  const told = useTold();
  if (!useMay("writer")) return null;
  const present = change.seq === here.version || change.seq === here.view.version;
  const took = (edited: Schema["Edited"]) => told(edited, "Done");
  return (
    <Group gap="xs">
      {change.undoable && present && !first && (
        <Button
          size="compact-sm"
          variant="default"
          loading={undo.isPending}
          onClick={() => undo.mutate(change.seq, { onSuccess: took })}
        >
          Undo
        </Button>
      )}
      {change.noun === "configuration" && change.seq !== here.version && (
        <Confirm
          verb="Restore this version"
          consequence={`${here.view.name} does in ${here.place.environment} again what it did after change ${change.seq}. What was changed since is taken back; you can undo that.`}
          onConfirm={() => restore.mutate(change.seq, { onSuccess: took })}
          color="ink"
          size="compact-sm"
          variant="default"
          loading={restore.isPending}
        />
      )}
    </Group>
  );
}
