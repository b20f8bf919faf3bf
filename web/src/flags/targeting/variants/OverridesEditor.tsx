// Who gets a variant in any case: contexts by what a field of theirs is.
import { Autocomplete, Group, Stack, TagsInput } from "@mantine/core";
import { AddButton } from "../../../ui/AddButton";
import { FIELDS } from "../ConstraintEditor";
import { Mend } from "../Mend";
import type { Variant } from "../model";
import { RemoveCondition } from "../RemoveCondition";
import classes from "../targeting.module.css";

type Override = NonNullable<Variant["overrides"]>[number];

type Props = {
  overrides: Override[];
  /** What is wrong with each. */
  wrong: (string | undefined)[];
  refused?: string;
  onChange: (overrides: Override[]) => void;
};

export function OverridesEditor({ overrides, wrong, refused, onChange }: Props) {
  const set = (at: number, change: Partial<Override>) =>
    onChange(overrides.map((one, index) => (index === at ? { ...one, ...change } : one)));
  return (
    <Stack gap="sm">
      {overrides.map(({ contextName, values }, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: an override has no name but its place
        <Group key={at} gap="xs" align="flex-start">
          <span className={classes.word} style={{ minWidth: "4.5rem" }}>
            {at === 0 ? "Always if" : "or if"}
          </span>
          <Autocomplete
            aria-label="Field that decides"
            placeholder="field"
            w={150}
            data={FIELDS}
            value={contextName}
            onChange={(name) => set(at, { contextName: name })}
          />
          <span className={classes.word}>is</span>
          <TagsInput
            aria-label="Values that decide"
            className={classes.values}
            placeholder={values.length === 0 ? "a value, then Enter" : undefined}
            value={values}
            onChange={(changed) => set(at, { values: changed })}
            splitChars={[",", "\n"]}
            acceptValueOnBlur
            error={wrong[at]}
          />
          <RemoveCondition onRemove={() => onChange(overrides.filter((_, index) => index !== at))} />
        </Group>
      ))}
      {refused && <Mend>{refused}</Mend>}
      <Group>
        <AddButton onClick={() => onChange([...overrides, { contextName: FIELDS[0] ?? "", values: [] }])}>
          {overrides.length === 0 ? "Always for somebody" : "And for others"}
        </AddButton>
      </Group>
    </Stack>
  );
}
