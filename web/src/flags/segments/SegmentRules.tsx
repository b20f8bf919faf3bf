// Rules by which contexts are in: all conditions of one must match, and it may take only a share.
import { Button, Group, NumberInput, Stack, Text } from "@mantine/core";
import { newId } from "../../lib/ids";
import { AddButton } from "../../ui/AddButton";
import { Panel } from "../../ui/Panel";
import { Clauses, newClause } from "../targeting/Clauses";
import classes from "../targeting/targeting.module.css";
import { percentOf, WHOLE, weightOf } from "../targeting/weights";
import { conditionWords } from "../targeting/words";
import type { SegmentRule } from "./edit";

type Props = { rules: SegmentRule[]; readOnly: boolean; onChange: (rules: SegmentRule[]) => void };

export function SegmentRules({ rules, readOnly, onChange }: Props) {
  const replace = (changed: SegmentRule) =>
    onChange(rules.map((rule) => (rule.id === changed.id ? changed : rule)));
  return (
    <Panel
      title="Rules"
      sentence={
        rules.length === 0 ? "There are none: only who is named is in." : "In when one of them matches."
      }
      actions={
        !readOnly && (
          <AddButton onClick={() => onChange([...rules, { id: newId(), clauses: [newClause()] }])}>
            Add a rule
          </AddButton>
        )
      }
    >
      <Stack gap="xs" component="ol" m={0} p={0} style={{ listStyle: "none" }}>
        {rules.map((rule, at) => (
          <li key={rule.id} className={classes.rule}>
            <Stack gap="sm">
              <Text size="sm" style={{ overflowWrap: "anywhere" }}>
                {at + 1}. If {conditionWords(rule)}
              </Text>
              {!readOnly && (
                <>
                  <Clauses clauses={rule.clauses} onChange={(clauses) => replace({ ...rule, clauses })} />
                  <Group justify="space-between" align="flex-end">
                    <NumberInput
                      label="of them only this share"
                      w={200}
                      value={percentOf(rule.weight ?? WHOLE)}
                      onChange={(percent) => replace({ ...rule, weight: share(Number(percent)) })}
                      min={0}
                      max={100}
                      decimalScale={3}
                      suffix=" %"
                    />
                    <Button
                      size="xs"
                      variant="default"
                      onClick={() => onChange(rules.filter(({ id }) => id !== rule.id))}
                    >
                      Remove the rule
                    </Button>
                  </Group>
                </>
              )}
            </Stack>
          </li>
        ))}
      </Stack>
    </Panel>
  );
}

/** All of them is no share at all. */
function share(percent: number): number | null {
  return percent >= 100 ? null : weightOf(percent);
}
