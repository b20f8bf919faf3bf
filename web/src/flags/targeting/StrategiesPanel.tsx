// Whom Unleash's strategies let in: any of them is enough.
import { ActionIcon, Button, Group, NumberInput, Select, Stack, TagsInput, Text, TextInput } from "@mantine/core";
import { IconPlus, IconTrash } from "@tabler/icons-react";
import { AddButton } from "../../ui/AddButton";
import { Panel } from "../../ui/Panel";
import type { Constraint, Strategy } from "./model";
import { comparedWith, comparing, newStrategy, OPERATORS, strategyWords } from "./strategies";

type Props = { strategies: Strategy[]; readOnly: boolean; onChange: (strategies: Strategy[]) => void };

export function StrategiesPanel({ strategies, readOnly, onChange }: Props) {
  const replace = (at: number, strategy: Strategy) =>
    onChange(strategies.map((one, index) => (index === at ? strategy : one)));
  const remove = (at: number) => onChange(strategies.filter((_, index) => index !== at));
  return (
    <Panel
      title="Strategies"
      sentence={
        strategies.length === 0 ? "There are none, so everyone gets it while it is on." : "Any of them lets in."
      }
      actions={
        !readOnly && (
          <AddButton onClick={() => onChange([...strategies, newStrategy()])}>Add a strategy</AddButton>
        )
      }
    >
      <Stack>
        {strategies.map((strategy, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: strategies have no name of their own
          <Stack key={at} gap="xs">
            <Group justify="space-between" wrap="nowrap">
              <Text size="sm" fw={600}>
                Let in {strategyWords(strategy)}
              </Text>
              {!readOnly && (
                <Remove label={`Remove strategy ${at + 1}`} onClick={() => remove(at)} />
              )}
            </Group>
            {!readOnly && <Editor strategy={strategy} onChange={(changed) => replace(at, changed)} />}
          </Stack>
        ))}
      </Stack>
    </Panel>
  );
}

type EditorProps = { strategy: Strategy; onChange: (strategy: Strategy) => void };

function Editor({ strategy, onChange }: EditorProps) {
  const { constraints = [] } = strategy;
  const change = (changed: Constraint[]) => onChange({ ...strategy, constraints: changed });
  return (
    <Stack gap="xs">
      {strategy.name === "flexibleRollout" && <Rollout strategy={strategy} onChange={onChange} />}
      {constraints.map((constraint, at) => (
        <ConstraintRow
          // biome-ignore lint/suspicious/noArrayIndexKey: constraints have no name of their own
          key={at}
          constraint={constraint}
          onChange={(changed) => change(constraints.map((one, index) => (index === at ? changed : one)))}
          onRemove={() => change(constraints.filter((_, index) => index !== at))}
        />
      ))}
      <Group>
        <Button
          variant="subtle"
          leftSection={<IconPlus size={14} />}
          onClick={() => change([...constraints, { contextName: "userId", operator: "IN", values: [] }])}
        >
          Add a constraint
        </Button>
      </Group>
    </Stack>
  );
}

function Rollout({ strategy, onChange }: EditorProps) {
  const { parameters = {} } = strategy;
  const set = (more: Record<string, string>) => onChange({ ...strategy, parameters: { ...parameters, ...more } });
  return (
    <Group align="flex-end">
      <NumberInput
        label="Share"
        suffix=" %"
        w={120}
        min={0}
        max={100}
        allowDecimal={false}
        value={Number(parameters.rollout ?? 0)}
        onChange={(rollout) => set({ rollout: String(rollout) })}
      />
      <TextInput
        label="Drawn by"
        w={200}
        value={parameters.stickiness ?? "default"}
        onChange={(event) => set({ stickiness: event.currentTarget.value })}
      />
    </Group>
  );
}

type RowProps = { constraint: Constraint; onChange: (constraint: Constraint) => void; onRemove: () => void };

function ConstraintRow({ constraint, onChange, onRemove }: RowProps) {
  const { contextName, operator } = constraint;
  return (
    <Group align="flex-end" wrap="nowrap">
      <TextInput
        label="Field"
        w={160}
        value={contextName}
        onChange={(event) => onChange({ ...constraint, contextName: event.currentTarget.value })}
      />
      <Select
        label="Operator"
        w={200}
        data={Object.entries(OPERATORS).map(([value, label]) => ({ value, label }))}
        value={operator}
        onChange={(chosen) => chosen && onChange(comparing(constraint, chosen, comparedWith(constraint)))}
        allowDeselect={false}
      />
      <TagsInput
        label="Values"
        style={{ flex: 1 }}
        value={comparedWith(constraint)}
        onChange={(compared) => onChange(comparing(constraint, operator, compared))}
      />
      <Remove label={`Remove the constraint on ${contextName}`} onClick={onRemove} />
    </Group>
  );
}

function Remove({ label, onClick }: { label: string; onClick: () => void }) {
  return (
    <ActionIcon variant="subtle" color="gray" size={32} aria-label={label} onClick={onClick}>
      <IconTrash size={16} />
    </ActionIcon>
  );
}
