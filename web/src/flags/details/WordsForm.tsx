// Name, description, tags, and which SDKs outside of servers see the flag.
import { Button, Checkbox, Group, Stack, TagsInput, Textarea, TextInput } from "@mantine/core";
import type { FormEvent } from "react";
import type { Schema } from "../../api/schema";
import { Panel } from "../../ui/Panel";
import { ProblemNote } from "../../ui/problem";
import { useChangeFlag } from "../queries/flags";
import { same } from "../targeting/instructions";
import type { Instruction } from "../targeting/model";
import { useDraft } from "../useDraft";
import type { FlagHere } from "../useFlag";
import { useTold } from "../useTold";

type Words = Pick<
  Schema["FlagView"],
  "name" | "description" | "tags" | "temporary" | "clientSideAvailability"
>;

export function WordsForm({ here, readOnly }: { here: FlagHere; readOnly: boolean }) {
  const { name, description, tags, temporary, clientSideAvailability } = here.view;
  const stored: Words = { name, description, tags, temporary, clientSideAvailability };
  const { now: words, edit: set, ...draft } = useDraft(stored, here.view.version, wordsBetween);
  const change = useChangeFlag(here.place.project, here.key);
  const told = useTold();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    change.mutate(
      { instructions: draft.instructions, version: draft.version },
      {
        onSuccess: (edited) => {
          draft.discard();
          told(edited, "Changed");
        },
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
              <Button type="submit" loading={change.isPending} disabled={draft.instructions.length === 0}>
                Save
              </Button>
            </Group>
          )}
        </Stack>
      </form>
    </Panel>
  );
}

/** What of the words is not as it was, as an instruction. */
export function wordsBetween(before: Words, after: Words): Instruction[] {
  const names = (Object.keys(after) as (keyof Words)[]).filter((name) => !same(before[name], after[name]));
  if (names.length === 0) return [];
  return [{ kind: "updateDetails", ...Object.fromEntries(names.map((name) => [name, after[name]])) }];
}
