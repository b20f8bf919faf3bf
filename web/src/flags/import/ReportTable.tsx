// What would come of each flag and segment, in words.
import { ScrollArea, Table, Text } from "@mantine/core";
import type { Report } from "../queries/imports";
import { rows, words } from "./rows";

/** More rows than this are summed up by the sentence above them. */
const SHOWN = 300;

export function ReportTable({ report }: { report: Report }) {
  const all = rows(report);
  return (
    <>
      <ScrollArea.Autosize mah={360} type="auto" tabIndex={0} aria-label="What would come of each">
        <Table verticalSpacing={6} aria-label="Report">
          <Table.Thead>
            <Table.Tr>
              <Table.Th w={96}>Outcome</Table.Th>
              <Table.Th>Key, and why</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {all.slice(0, SHOWN).map((row) => (
              <Table.Tr key={`${row.sort} ${row.key}`}>
                <Table.Td style={{ verticalAlign: "top" }}>
                  <Text size="sm" fw={row.outcome === "refused" ? 600 : 400}>
                    {row.outcome}
                  </Text>
                </Table.Td>
                <Table.Td>
                  <Text size="sm" ff="monospace" style={{ overflowWrap: "anywhere" }}>
                    {row.key}
                  </Text>
                  {row.sort === "segment" && (
                    <Text size="xs" c="dimmed">
                      segment
                    </Text>
                  )}
                  {words(row) && (
                    <Text size="sm" c="dimmed">
                      {words(row)}
                    </Text>
                  )}
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </ScrollArea.Autosize>
      {all.length > SHOWN && (
        <Text size="sm" c="dimmed">
          And {(all.length - SHOWN).toLocaleString("en")} others, none of which needs a closer look than
          these.
        </Text>
      )}
    </>
  );
}
