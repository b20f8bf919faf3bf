// One condition of a strategy: which field, how it is compared, with what.
import { Autocomplete, Checkbox, Group, Select, TagsInput, TextInput } from "@mantine/core";
import type { Constraint } from "./model";
import { RemoveCondition } from "./RemoveCondition";
import { comparedWith, comparing, hasCase, isListed, OPERATORS } from "./strategies";
import classes from "./targeting.module.css";

/** What every context may have; others are its properties. */
export const FIELDS = ["userId", "sessionId", "appName", "environment", "remoteAddress", "currentTime"];

const INVERTED = "!";
const COMPARISONS = Object.entries(OPERATORS).flatMap(([operator, [plain, inverted]]) => [
  { value: operator, label: plain },
  { value: operator + INVERTED, label: inverted },
]);

type Props = {
  constraint: Constraint;
  first: boolean;
  onChange: (constraint: Constraint) => void;
  onRemove: () => void;
};

export function ConstraintEditor({ constraint, first, onChange, onRemove }: Props) {
  const { contextName, operator, inverted, caseInsensitive } = constraint;
  const compare = (value: string | null) => {
    if (!value) return;
    const turned = value.endsWith(INVERTED);
    const chosen = turned ? value.slice(0, -1) : value;
    onChange({ ...comparing(constraint, chosen, comparedWith(constraint)), inverted: turned });
  };
  return (
    <Group gap="xs" align="flex-start">
      <span className={classes.word}>{first ? "If" : "and"}</span>
      <Autocomplete
        aria-label="Field"
        placeholder="field"
        w={150}
        data={FIELDS}
        value={contextName}
        onChange={(name) => onChange({ ...constraint, contextName: name })}
      />
      <Select
        aria-label="Comparison"
        w={200}
        data={COMPARISONS}
        value={operator + (inverted ? INVERTED : "")}
        onChange={compare}
        allowDeselect={false}
        searchable
      />
      <Values constraint={constraint} onChange={onChange} />
      {hasCase(operator) && (
        <Checkbox
          label="in any case"
          mt={8}
          checked={caseInsensitive ?? false}
          onChange={(event) => onChange({ ...constraint, caseInsensitive: event.currentTarget.checked })}
        />
      )}
      <RemoveCondition onRemove={onRemove} />
    </Group>
  );
}

type ValuesProps = { constraint: Constraint; onChange: (constraint: Constraint) => void };

function Values({ constraint, onChange }: ValuesProps) {
  const { operator } = constraint;
  const compared = comparedWith(constraint);
  if (!isListed(operator)) {
    return (
      <TextInput
        aria-label="Value"
        className={classes.values}
        placeholder={operator.startsWith("DATE_") ? "2026-12-31T00:00:00Z" : undefined}
        value={compared[0] ?? ""}
        onChange={(event) => onChange(comparing(constraint, operator, [event.currentTarget.value]))}
      />
    );
  }
  return (
    <TagsInput
      aria-label="Values"
      className={classes.values}
      placeholder={compared.length === 0 ? "values" : undefined}
      value={compared}
      onChange={(values) => onChange(comparing(constraint, operator, values))}
      splitChars={[",", "\n"]}
      acceptValueOnBlur
    />
  );
}
