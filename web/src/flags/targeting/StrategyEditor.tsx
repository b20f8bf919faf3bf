// One of Unleash's strategies, opened: whom it lets in, and under which conditions.
import { Autocomplete, Button, Checkbox, Group, NumberInput, Select, Stack, TagsInput } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { ConstraintEditor, FIELDS } from "./ConstraintEditor";
import type { Constraint, Strategy } from "./model";
import { KINDS, listed, ofKind, shareOf } from "./strategies";

type Props = { strategy: Strategy; onChange: (strategy: Strategy) => void };

export function StrategyEditor({ strategy, onChange, onDone }: Props & { onDone: () => void }) {
  return (
    <Stack gap="sm" mt="sm">
      <Group align="flex-start" gap="xs">
        <Select
          label="Lets in"
          w={200}
          data={kinds(strategy.name)}
          value={strategy.name}
          onChange={(name) => name && onChange(ofKind(strategy, name))}
          allowDeselect={false}
        />
        <Parameters strategy={strategy} onChange={onChange} />
      </Group>
      <Constraints
        constraints={strategy.constraints ?? []}
        onChange={(constraints) => onChange({ ...strategy, constraints })}
      />
      <Checkbox
        label="Disabled: kept, and passed over"
        checked={strategy.disabled ?? false}
        onChange={(event) => onChange({ ...strategy, disabled: event.currentTarget.checked })}
      />
      <Group>
        <Button size="xs" onClick={onDone}>
          Done
        </Button>
      </Group>
    </Stack>
  );
}

/** What can be chosen, and what it is already. */
function kinds(name: string) {
  const known = Object.entries(KINDS).map(([value, { label }]) => ({ value, label }));
  return name in KINDS ? known : [...known, { value: name, label: name }];
}

function Parameters({ strategy, onChange }: Props) {
  const { name, parameters = {} } = strategy;
  const set = (more: Record<string, string>) =>
    onChange({ ...strategy, parameters: { ...parameters, ...more } });
  const { list } = KINDS[name] ?? {};
  if (list) {
    return (
      <TagsInput
        label={list.label}
        placeholder={parameters[list.name] ? undefined : list.example}
        style={{ flex: "1 1 14rem" }}
        value={listed(parameters[list.name])}
        onChange={(values) => set({ [list.name]: values.join(",") })}
        splitChars={[",", "\n"]}
        acceptValueOnBlur
      />
    );
  }
  const share = shareOf(name);
  return (
    <>
      {share && (
        <NumberInput
          label="Share"
          suffix=" %"
          w={110}
          min={0}
          max={100}
          allowDecimal={false}
          value={Number(parameters[share] ?? 0)}
          onChange={(value) => set({ [share]: String(value) })}
        />
      )}
      {name === "flexibleRollout" && (
        <Autocomplete
          label="Drawn by"
          description="A field of the context, default or random."
          inputWrapperOrder={["label", "input", "description"]}
          w={200}
          data={["default", "userId", "sessionId", "random"]}
          value={parameters.stickiness ?? "default"}
          onChange={(stickiness) => set({ stickiness })}
        />
      )}
    </>
  );
}

type ConstraintsProps = { constraints: Constraint[]; onChange: (constraints: Constraint[]) => void };

function Constraints({ constraints, onChange }: ConstraintsProps) {
  return (
    <Stack gap="sm">
      {constraints.map((constraint, at) => (
        <ConstraintEditor
          // biome-ignore lint/suspicious/noArrayIndexKey: a constraint has no name but its place
          key={at}
          constraint={constraint}
          first={at === 0}
          onChange={(changed) => onChange(constraints.map((one, index) => (index === at ? changed : one)))}
          onRemove={() => onChange(constraints.filter((_, index) => index !== at))}
        />
      ))}
      <Group>
        <Button
          size="xs"
          variant="default"
          leftSection={<IconPlus size={14} />}
          onClick={() =>
            onChange([...constraints, { contextName: FIELDS[0] ?? "", operator: "IN", values: [] }])
          }
        >
          {constraints.length === 0 ? "Only under a condition" : "And another condition"}
        </Button>
      </Group>
    </Stack>
  );
}
