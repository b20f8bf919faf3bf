// One of Unleash's strategies, opened: whom it lets in, and under which conditions.
import { Checkbox, Group, NumberInput, Select, Stack, TagsInput, Text } from "@mantine/core";
import { AddButton } from "../../ui/AddButton";
import { ConstraintEditor, FIELDS } from "./ConstraintEditor";
import { Mend } from "./Mend";
import type { Constraint, Strategy, Variant } from "./model";
import { useRefusedAt } from "./refused";
import { Stickiness } from "./Stickiness";
import { drawnAlike, KINDS, listed, ofKind, shareOf, stickinessOf, stickTo } from "./strategies";
import { useVariantList, VariantList } from "./variants/VariantList";

type Props = {
  strategy: Strategy;
  /** Where it stands in the configuration, as a JSON pointer. */
  at: string;
  onChange: (strategy: Strategy) => void;
};

export function StrategyEditor({ strategy, at, onChange }: Props) {
  return (
    <>
      <Group align="flex-start" gap="xs">
        <Select
          label="Lets in"
          w={200}
          data={kinds(strategy.name)}
          value={strategy.name}
          onChange={(name) => name && onChange(ofKind(strategy, name))}
          allowDeselect={false}
        />
        <Parameters strategy={strategy} at={at} onChange={onChange} />
      </Group>
      <Constraints
        at={`${at}/constraints`}
        constraints={strategy.constraints ?? []}
        onChange={(constraints) => onChange({ ...strategy, constraints })}
      />
      <OwnVariants strategy={strategy} at={`${at}/variants`} onChange={onChange} />
      <Checkbox
        label="Disabled: kept, and passed over"
        checked={strategy.disabled ?? false}
        onChange={(event) => onChange({ ...strategy, disabled: event.currentTarget.checked })}
      />
    </>
  );
}

/** They come before the flag's variants, for those whom this strategy lets in. */
function OwnVariants({ strategy, at, onChange }: Props) {
  const { variants = [] } = strategy;
  const change = (changed: Variant[]) => onChange(drawnAlike({ ...strategy, variants: changed }));
  const list = useVariantList(variants, change, stickinessOf(strategy));
  return (
    <Stack gap="xs" component="section" aria-label="Variants of its own">
      <Text size="sm" c="dimmed">
        {variants.length === 0
          ? "Whom it lets in gets the variants of the flag."
          : "Whom it lets in gets its own variants, drawn as the strategy is."}
      </Text>
      <VariantList list={list} at={at} noun="own variant" readOnly={false} />
      <Group>
        <AddButton onClick={list.add}>Add a variant of its own</AddButton>
      </Group>
    </Stack>
  );
}

/** What can be chosen, and what it is already. */
function kinds(name: string) {
  const known = Object.entries(KINDS).map(([value, { label }]) => ({ value, label }));
  return name in KINDS ? known : [...known, { value: name, label: name }];
}

function Parameters({ strategy, at, onChange }: Props) {
  const { name, parameters = {} } = strategy;
  const refused = useRefusedAt(`${at}/parameters`);
  const set = (more: Record<string, string>) =>
    onChange(drawnAlike({ ...strategy, parameters: { ...parameters, ...more } }));
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
        error={refused}
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
          error={refused}
        />
      )}
      {name === "flexibleRollout" && (
        <Stickiness value={parameters.stickiness} onChange={(field) => onChange(stickTo(strategy, field))} />
      )}
    </>
  );
}

type ConstraintsProps = {
  constraints: Constraint[];
  at: string;
  onChange: (constraints: Constraint[]) => void;
};

function Constraints({ constraints, at: place, onChange }: ConstraintsProps) {
  const refused = useRefusedAt(place);
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
      {refused && <Mend>{refused}</Mend>}
      <Group>
        <AddButton
          onClick={() =>
            onChange([...constraints, { contextName: FIELDS[0] ?? "", operator: "IN", values: [] }])
          }
        >
          {constraints.length === 0 ? "Only under a condition" : "And another condition"}
        </AddButton>
      </Group>
    </Stack>
  );
}
