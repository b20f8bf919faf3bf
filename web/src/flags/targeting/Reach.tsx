// Whom a change reaches: the shares before and after.
import { Stack, Table, Text } from "@mantine/core";
import type { Schema } from "../../api/schema";
import { percentWords } from "./weights";

export function Reach({ reach }: { reach: Schema["Reach"] }) {
  return (
    <Stack gap="xs">
      <Text size="sm" fw={600}>
        {reachWords(reach)}
      </Text>
      <Table aria-label="Shares before and after" w="auto">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Everyone else gets</Table.Th>
            <Table.Th ta="right">before</Table.Th>
            <Table.Th ta="right">after</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {reach.shares.map(({ name, before, after }) => (
            <Table.Tr key={name}>
              <Table.Td>{name}</Table.Td>
              <Table.Td ta="right">{percentWords(before)}</Table.Td>
              <Table.Td ta="right">{percentWords(after)}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Stack>
  );
}

export function reachWords({ moved }: Pick<Schema["Reach"], "moved">): string {
  if (moved === 0) return "Nobody whom no target and no rule catches gets something else.";
  return `At least ${percentWords(moved)} of those whom no target and no rule catches get something else.`;
}
