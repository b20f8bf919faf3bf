// The variations: each place is what SDKs and events name, so only the last can go.
import { Button, Code, Group, Table, Text, VisuallyHidden } from "@mantine/core";
import { useState } from "react";
import { Panel } from "../../ui/Panel";
import { useChangeFlag } from "../queries/flags";
import type { FlagHere } from "../useFlag";
import { useTold } from "../useTold";
import { VariationDot } from "../VariationDot";
import { VariationForm } from "./VariationForm";

type Props = { here: FlagHere; readOnly: boolean };

const NEW = "new";

export function VariationTable({ here, readOnly }: Props) {
  const [edited, setEdited] = useState<number | typeof NEW | null>(null);
  const fixed = here.view.kind === "boolean";
  return (
    <Panel
      title="Variations"
      sentence={
        fixed ? "A boolean flag has exactly these two." : "What the flag can serve, in every environment."
      }
      actions={
        !readOnly &&
        !fixed && (
          <Button size="xs" variant="default" onClick={() => setEdited(NEW)}>
            Add a variation
          </Button>
        )
      }
    >
      <Table.ScrollContainer minWidth={420} type="native">
        <Table verticalSpacing="sm" aria-label="Variations">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Name</Table.Th>
              <Table.Th>Value</Table.Th>
              <Table.Th>
                <VisuallyHidden>What to do</VisuallyHidden>
              </Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {here.variations.map(({ id, value, description }, at) => (
              <Table.Tr key={id ?? at}>
                <Table.Td>
                  <VariationDot variations={here.variations} variation={at} />
                  {description && (
                    <Text size="sm" c="dimmed">
                      {description}
                    </Text>
                  )}
                </Table.Td>
                <Table.Td>
                  <Code style={{ overflowWrap: "anywhere" }}>{JSON.stringify(value)}</Code>
                </Table.Td>
                <Table.Td>
                  {!readOnly && <Tools here={here} at={at} fixed={fixed} onEdit={() => setEdited(at)} />}
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
      {edited !== null && (
        <VariationForm here={here} at={edited === NEW ? null : edited} onClose={() => setEdited(null)} />
      )}
    </Panel>
  );
}

type ToolsProps = { here: FlagHere; at: number; fixed: boolean; onEdit: () => void };

function Tools({ here, at, fixed, onEdit }: ToolsProps) {
  const change = useChangeFlag(here.place.project, here.key, { shown: false });
  const told = useTold();
  const last = at === here.variations.length - 1;
  const remove = () =>
    change.mutate(
      { instructions: [{ kind: "removeVariation", variation: at }], version: here.view.version },
      {
        onSuccess: (edited) => told(edited, "Removed"),
      },
    );
  return (
    <Group gap="xs" justify="flex-end" wrap="nowrap">
      <Button size="xs" variant="default" onClick={onEdit}>
        Edit
      </Button>
      {last && !fixed && (
        <Button size="xs" variant="default" loading={change.isPending} onClick={remove}>
          Remove
        </Button>
      )}
    </Group>
  );
}
