// The numbers behind the pictures of a guard, the latest first.
import { Table } from "@mantine/core";
import type { Schema } from "../api/schema";
import { exact } from "../lib/time";
import { magnitude } from "./evidence";
import classes from "./releases.module.css";

const SHOWN = 30;

export function Numbers({ reading: { metric, series } }: { reading: Schema["GuardEvidence"] }) {
  const latest = series.slice(-SHOWN).reverse();
  return (
    <details className={classes.numbers}>
      <summary>
        The numbers{series.length > SHOWN ? `, the latest ${SHOWN} of ${series.length} windows` : ""}
      </summary>
      <Table.ScrollContainer minWidth={420} type="native">
        <Table fz="xs" aria-label={`Windows of ${metric}`}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Window from</Table.Th>
              <Table.Th ta="right">Treatment, bad of all</Table.Th>
              <Table.Th ta="right">Control, bad of all</Table.Th>
              <Table.Th ta="right">Evidence</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {latest.map(({ start, treatment, control, evidence }) => (
              <Table.Tr key={start}>
                <Table.Td>{exact(start)}</Table.Td>
                <Table.Td ta="right">
                  {treatment.k} of {treatment.n}
                </Table.Td>
                <Table.Td ta="right">
                  {control.k} of {control.n}
                </Table.Td>
                <Table.Td ta="right">{magnitude(evidence)}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </details>
  );
}
