// The conditions of a rule; all must match.
import { Button, Group, Stack } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { ClauseEditor } from "./ClauseEditor";
import { type Clause, USER } from "./model";

type Props = { clauses: Clause[]; onChange: (clauses: Clause[]) => void };

export function newClause(): Clause {
  return { contextKind: USER, attribute: "", op: "in", values: [], negate: false };
}

export function Clauses({ clauses, onChange }: Props) {
  return (
    <Stack gap="sm">
      {clauses.map((clause, at) => (
        <ClauseEditor
          // biome-ignore lint/suspicious/noArrayIndexKey: a clause has no name but its place
          key={at}
          clause={clause}
          first={at === 0}
          onChange={(changed) => onChange(clauses.map((one, index) => (index === at ? changed : one)))}
          onRemove={() => onChange(clauses.filter((_, index) => index !== at))}
        />
      ))}
      <Group>
        <Button
          size="xs"
          variant="default"
          leftSection={<IconPlus size={14} />}
          onClick={() => onChange([...clauses, newClause()])}
        >
          And another condition
        </Button>
      </Group>
    </Stack>
  );
}
