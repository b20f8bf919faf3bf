// One rule: a sentence, and its editor when it is opened.
import { Button, Group, Stack, Text, TextInput } from "@mantine/core";
import { IconArrowDown, IconArrowUp, IconPencil, IconTrash } from "@tabler/icons-react";
import { Clauses } from "./Clauses";
import { type Rule, serving, type Variation } from "./model";
import { ServeEditor } from "./ServeEditor";
import { Tool } from "./Tool";
import classes from "./targeting.module.css";
import { conditionWords, serveWords } from "./words";

type Props = {
  rule: Rule;
  number: number;
  variations: Variation[];
  readOnly: boolean;
  open: boolean;
  onOpen: () => void;
  onChange: (rule: Rule) => void;
  onRemove: () => void;
  onEarlier?: () => void;
  onLater?: () => void;
};

export function RuleCard({ rule, number, variations, readOnly, open, onOpen, ...on }: Props) {
  return (
    <li className={classes.rule} data-open={open || undefined}>
      <Group justify="space-between" align="flex-start" gap="xs">
        <Stack gap={2} style={{ flex: "1 1 16rem", minWidth: 0 }}>
          {rule.description && (
            <Text size="sm" fw={600}>
              {rule.description}
            </Text>
          )}
          <Text size="sm" style={{ overflowWrap: "anywhere" }}>
            {number}. If {conditionWords(rule)} → <strong>{serveWords(rule, variations)}</strong>
          </Text>
        </Stack>
        {!readOnly && (
          <Group gap={2} wrap="nowrap">
            <Tool label={`Try rule ${number} earlier`} icon={IconArrowUp} onClick={on.onEarlier} />
            <Tool label={`Try rule ${number} later`} icon={IconArrowDown} onClick={on.onLater} />
            <Tool label={`Edit rule ${number}`} icon={IconPencil} onClick={onOpen} pressed={open} />
            <Tool label={`Remove rule ${number}`} icon={IconTrash} onClick={on.onRemove} />
          </Group>
        )}
      </Group>
      {open && !readOnly && (
        <RuleEditor rule={rule} variations={variations} onChange={on.onChange} onDone={onOpen} />
      )}
    </li>
  );
}

type EditorProps = {
  rule: Rule;
  variations: Variation[];
  onChange: (rule: Rule) => void;
  onDone: () => void;
};

function RuleEditor({ rule, variations, onChange, onDone }: EditorProps) {
  return (
    <Stack gap="sm" mt="sm">
      <Clauses clauses={rule.clauses} onChange={(clauses) => onChange({ ...rule, clauses })} />
      <ServeEditor
        label="Serve"
        serve={rule}
        variations={variations}
        onChange={(serve) => onChange(serving(rule, serve))}
      />
      <TextInput
        label="What it is for"
        placeholder="Staff see it first"
        value={rule.description}
        onChange={(event) => onChange({ ...rule, description: event.currentTarget.value })}
      />
      <Group>
        <Button size="xs" onClick={onDone}>
          Done
        </Button>
      </Group>
    </Stack>
  );
}
