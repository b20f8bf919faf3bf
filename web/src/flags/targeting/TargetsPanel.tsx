// Contexts by name: they are looked at before any rule.
import { Button, Group, Select, Stack, TagsInput, Text, TextInput } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconPlus } from "@tabler/icons-react";
import { useState } from "react";
import { AddButton } from "../../ui/AddButton";
import { Panel } from "../../ui/Panel";
import { VariationDot } from "../VariationDot";
import { label, type Target, USER, type Variation } from "./model";
import { merged } from "./targets";

type Props = {
  targets: Target[];
  variations: Variation[];
  readOnly: boolean;
  onChange: (targets: Target[]) => void;
};

/** More keys than this are added and removed by typing, not shown one by one. */
const SHOWN = 200;

export function TargetsPanel({ targets, variations, readOnly, onChange }: Props) {
  const [adding, { open, close }] = useDisclosure();
  const set = (at: number, values: string[]) =>
    onChange(
      merged(
        targets.map((target, index) => (index === at ? { ...target, values } : target)),
        at,
      ),
    );
  return (
    <Panel
      title="Targets"
      sentence={targets.length === 0 ? "Nobody is named." : "Contexts by name; they come before all rules."}
      actions={!readOnly && !adding && <AddButton onClick={open}>Name somebody</AddButton>}
    >
      <Stack gap="sm">
        {targets.map((target, at) => (
          <Stack key={`${target.contextKind} ${target.variation}`} gap={4}>
            <Group gap="xs">
              <VariationDot variations={variations} variation={target.variation} />
              <Text size="sm" c="dimmed">
                for {target.contextKind}
              </Text>
            </Group>
            <Keys target={target} readOnly={readOnly} onChange={(values) => set(at, values)} />
          </Stack>
        ))}
        {!readOnly && adding && (
          <Add
            targets={targets}
            variations={variations}
            onChange={(changed) => {
              onChange(changed);
              close();
            }}
          />
        )}
      </Stack>
    </Panel>
  );
}

type KeysProps = { target: Target; readOnly: boolean; onChange: (values: string[]) => void };

function Keys({ target: { contextKind, values }, readOnly, onChange }: KeysProps) {
  if (values.length <= SHOWN) {
    return (
      <TagsInput
        aria-label={`Keys of kind ${contextKind}`}
        value={values}
        onChange={onChange}
        readOnly={readOnly}
        splitChars={[",", "\n", " "]}
        acceptValueOnBlur
      />
    );
  }
  return (
    <Text size="sm">
      {values.slice(0, 5).join(", ")} and {(values.length - 5).toLocaleString("en")} others. So many are
      better kept in a segment.
    </Text>
  );
}

function Add({ targets, variations, onChange }: Omit<Props, "readOnly">) {
  const [contextKind, setKind] = useState(USER);
  const [variation, setVariation] = useState(0);
  const there = targets.some((one) => one.contextKind === contextKind && one.variation === variation);
  return (
    <Group gap="xs" align="flex-end">
      <Select
        label="Serve"
        w={180}
        data={variations.map((_, index) => ({ value: String(index), label: label(variations, index) }))}
        value={String(variation)}
        onChange={(value) => setVariation(Number(value))}
        allowDeselect={false}
      />
      <TextInput
        label="to contexts of kind"
        w={160}
        value={contextKind}
        onChange={(event) => setKind(event.currentTarget.value)}
      />
      <Button
        variant="default"
        leftSection={<IconPlus size={14} />}
        disabled={there || contextKind === ""}
        onClick={() => onChange([...targets, { contextKind, variation, values: [] }])}
      >
        Name them
      </Button>
    </Group>
  );
}
