// One variation: a new one, or another name or value for one that is there.
import { Button, Group, Modal, Stack, Text, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { ProblemNote } from "../../ui/problem";
import { useChangeFlag } from "../queries/flags";
import type { Instruction, Variation } from "../targeting/model";
import type { FlagHere } from "../useFlag";
import { useTold } from "../useTold";
import { ValueInput } from "../VariationsEditor";
import { type Kind, parsed, textOf } from "../variations";

type Props = {
  here: FlagHere;
  /** Its place; null for a new one. */
  at: number | null;
  onClose: () => void;
};

export function VariationForm({ here, at, onClose }: Props) {
  const stored: Variation | undefined = at === null ? undefined : here.variations[at];
  const kind = here.view.kind as Kind;
  const change = useChangeFlag(here.place.project, here.key);
  const told = useTold();
  const [name, setName] = useState(stored?.name ?? "");
  const [description, setDescription] = useState(stored?.description ?? "");
  const [text, setText] = useState(stored ? textOf(stored.value) : "");
  const value = parsed(kind, text);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const instruction: Instruction =
      at === null
        ? { kind: "addVariation", variation: { name, description, value } }
        : { kind: "updateVariation", variation: at, name, description, value };
    change.mutate(
      { instructions: [instruction], version: here.view.version },
      {
        onSuccess: (edited) => {
          onClose();
          told(edited, "Changed");
        },
      },
    );
  };
  return (
    <Modal opened onClose={onClose} title={at === null ? "Add a variation" : "Change a variation"} centered>
      <form onSubmit={submit}>
        <Stack>
          <ProblemNote error={change.error} />
          <TextInput
            label="Name"
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
            data-autofocus
          />
          {kind !== "boolean" && <ValueInput kind={kind} text={text} label="Value" onChange={setText} />}
          <TextInput
            label="What it means"
            value={description}
            onChange={(event) => setDescription(event.currentTarget.value)}
          />
          {at !== null && kind !== "boolean" && (
            <Text size="sm" c="dimmed">
              Another value reaches every environment within a second.
            </Text>
          )}
          <Group justify="flex-end">
            <Button type="submit" loading={change.isPending} disabled={value === undefined}>
              Save
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
