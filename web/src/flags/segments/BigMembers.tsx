// Who is in a big segment: how many, whether one key is, and moving a few.
import { Button, Group, Stack, Text, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { usePlace } from "../../app/place";
import { Panel } from "../../ui/Panel";
import { ProblemNote } from "../../ui/problem";
import { Failed, Loading } from "../../ui/States";
import { done } from "../../ui/toast";
import { type MembersView, members, useMoveMembers } from "../queries/members";
import { counted } from "../state";

type Props = { segment: string; kind: string; readOnly: boolean };

export function BigMembers({ segment, kind, readOnly }: Props) {
  const query = useQuery(members(usePlace(), segment));
  return (
    <Panel
      title="Members"
      sentence={`Keys of kind ${kind}. They are looked up at each evaluation, and are no part of what SDKs hold.`}
    >
      <Stack>
        {query.isPending && <Loading rows={1} />}
        {query.isError && <Failed error={query.error} retry={() => void query.refetch()} />}
        {query.data && <Text>{countWords(query.data)}</Text>}
        <OneKey segment={segment} kind={kind} readOnly={readOnly} />
      </Stack>
    </Panel>
  );
}

function OneKey({ segment, kind, readOnly }: Props) {
  const place = usePlace();
  const [key, setKey] = useState("");
  const [asked, setAsked] = useState("");
  const found = useQuery({ ...members(place, segment, asked), enabled: asked !== "" });
  const move = useMoveMembers(place, segment);
  const ask = (event: FormEvent) => {
    event.preventDefault();
    setAsked(key.trim());
  };
  const list = found.data?.list;
  const to = (said: string, moves: Parameters<typeof move.mutate>[0]) =>
    move.mutate(moves, { onSuccess: () => done({ message: `${asked} ${said}.` }) });
  return (
    <Stack gap="xs">
      <form onSubmit={ask}>
        <Group align="flex-end" gap="xs">
          <TextInput
            label={`Key of a ${kind}`}
            value={key}
            onChange={(event) => setKey(event.currentTarget.value)}
            maxLength={512}
            flex="1 1 12rem"
            maw="24rem"
          />
          <Button type="submit" variant="default" disabled={key.trim() === ""} loading={found.isFetching}>
            Look up
          </Button>
        </Group>
      </form>
      <ProblemNote error={found.error ?? move.error} />
      {found.data && (
        <Group gap="xs">
          <Text size="sm">{sentence(asked, list)}</Text>
          {!readOnly && list !== "included" && (
            <Button size="xs" onClick={() => to("is included", { included: { add: [asked] } })}>
              Include
            </Button>
          )}
          {!readOnly && list !== "excluded" && (
            <Button
              size="xs"
              variant="default"
              onClick={() => to("is excluded", { excluded: { add: [asked] } })}
            >
              Exclude
            </Button>
          )}
          {!readOnly && list && (
            <Button
              size="xs"
              variant="default"
              onClick={() => to(`is no longer ${list}`, { [list]: { remove: [asked] } })}
            >
              Take off the list
            </Button>
          )}
        </Group>
      )}
    </Stack>
  );
}

function sentence(key: string, list: "included" | "excluded" | null | undefined): string {
  if (list === "included") return `${key} is in.`;
  if (list === "excluded") return `${key} is out, whatever the rules say.`;
  return `${key} is on neither list, so the rules decide.`;
}

/** `Included: 10,000,000 keys. Excluded: none.` */
function countWords({ included, excluded }: MembersView): string {
  if (included + excluded === 0) return "No key is on a list yet, so the rules alone decide.";
  return `Included: ${counted(included, "key") || "none"}. Excluded: ${counted(excluded, "key") || "none"}.`;
}
