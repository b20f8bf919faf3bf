// Name, description, tags, and which SDKs outside of servers see the flag.
import { Button, Checkbox, Group, Stack, TagsInput, Textarea, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import type { Schema } from "../../api/schema";
import { Panel } from "../../ui/Panel";
import { ProblemNote } from "../../ui/problem";
import { done } from "../../ui/toast";
import { useUndo } from "../queries/changes";
import { useChangeFlag } from "../queries/flags";
import { same } from "../targeting/instructions";
import type { FlagHere } from "../useFlag";

type Words = Pick<
  Schema["FlagView"],
  "name" | "description" | "tags" | "temporary" | "clientSideAvailability"
>;

export function WordsForm({ here, readOnly }: { here: FlagHere; readOnly: boolean }) {
  const { name, description, tags, temporary, clientSideAvailability, version } = here.view;
  const stored: Words = { name, description, tags, temporary, clientSideAvailability };
  const [words, setWords] = useState(stored);
  const change = useChangeFlag(here.place.project, here.key);
  const undo = useUndo();
  const set = (more: Partial<Words>) => setWords((before) => ({ ...before, ...more }));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    change.mutate(
      { instructions: [{ kind: "updateDetails", ...changed(stored, words) }], version },
      {
        onSuccess: ({ seq }) => done({ message: `Changed, by change ${seq}.`, undo: () => undo.mutate(seq) }),
      },
    );
  };
  const seen = words.clientSideAvailability ?? {};
  return (
    <Panel title="Words" sentence="The same in every environment.">
      <form onSubmit={submit}>
        <Stack maw={560}>
          <ProblemNote error={change.error} />
          <TextInput
            label="Name"
            required
            withAsterisk={false}
            readOnly={readOnly}
            value={words.name}
            onChange={(event) => set({ name: event.currentTarget.value })}
          />
          <Textarea
            label="What it is for"
            autosize
            readOnly={readOnly}
            value={words.description}
            onChange={(event) => set({ description: event.currentTarget.value })}
          />
          <TagsInput
            label="Tags"
            readOnly={readOnly}
            value={words.tags}
            onChange={(list) => set({ tags: list })}
          />
          <Checkbox
            label="Temporary: to be removed once everybody has the new behaviour"
            disabled={readOnly}
            checked={words.temporary}
            onChange={(event) => set({ temporary: event.currentTarget.checked })}
          />
          <Checkbox
            label="Browsers see it: SDKs with the client-side id"
            disabled={readOnly}
            checked={seen.usingEnvironmentId ?? false}
            onChange={(event) =>
              set({ clientSideAvailability: { ...seen, usingEnvironmentId: event.currentTarget.checked } })
            }
          />
          <Checkbox
            label="Apps see it: SDKs with the mobile key"
            disabled={readOnly}
            checked={seen.usingMobileKey ?? false}
            onChange={(event) =>
              set({ clientSideAvailability: { ...seen, usingMobileKey: event.currentTarget.checked } })
            }
          />
          {!readOnly && (
            <Group>
              <Button type="submit" loading={change.isPending} disabled={same(stored, words)}>
                Save
              </Button>
            </Group>
          )}
        </Stack>
      </form>
    </Panel>
  );
}

/** What of `words` is not as stored. */
export function changed(stored: Words, words: Words): Partial<Words> {
  const names = Object.keys(words) as (keyof Words)[];
  return Object.fromEntries(
    names.filter((name) => !same(stored[name], words[name])).map((name) => [name, words[name]]),
  );
}
