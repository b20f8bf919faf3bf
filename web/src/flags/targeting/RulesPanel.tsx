// The rules from top to bottom: the first that matches decides.
import { Stack } from "@mantine/core";
import { useState } from "react";
import { newId } from "../../lib/ids";
import { AddButton } from "../../ui/AddButton";
import { Panel } from "../../ui/Panel";
import { newClause } from "./Clauses";
import type { Rule, Variation } from "./model";
import { RuleCard } from "./RuleCard";

type Props = { rules: Rule[]; variations: Variation[]; readOnly: boolean; onChange: (rules: Rule[]) => void };

export function RulesPanel({ rules, variations, readOnly, onChange }: Props) {
  const [open, setOpen] = useState<string | null>(null);
  const add = () => {
    const id = newId();
    onChange([...rules, { id, description: "", clauses: [newClause()], trackEvents: false, variation: 0 }]);
    setOpen(id);
  };
  const swap = (at: number, other: number) => {
    const list = [...rules];
    const [one, two] = [list[at], list[other]];
    if (!one || !two) return;
    list[at] = two;
    list[other] = one;
    onChange(list);
  };
  return (
    <Panel
      title="Rules"
      sentence={
        rules.length === 0
          ? "There are none: who is not named gets what everyone else gets."
          : "Tried from top to bottom; the first that matches decides."
      }
      actions={!readOnly && <AddButton onClick={add}>Add a rule</AddButton>}
    >
      <Stack gap="xs" component="ol" m={0} p={0} style={{ listStyle: "none" }}>
        {rules.map((rule, at) => (
          <RuleCard
            key={rule.id}
            rule={rule}
            number={at + 1}
            variations={variations}
            readOnly={readOnly}
            open={open === rule.id}
            onOpen={() => setOpen(open === rule.id ? null : rule.id)}
            onChange={(changed) => onChange(rules.map((one) => (one.id === rule.id ? changed : one)))}
            onRemove={() => onChange(rules.filter(({ id }) => id !== rule.id))}
            onEarlier={at > 0 ? () => swap(at, at - 1) : undefined}
            onLater={at < rules.length - 1 ? () => swap(at, at + 1) : undefined}
          />
        ))}
      </Stack>
    </Panel>
  );
}
