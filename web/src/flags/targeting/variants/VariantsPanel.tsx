// What those get whom a strategy lets in.
import { Stack } from "@mantine/core";
import { AddButton } from "../../../ui/AddButton";
import { Panel } from "../../../ui/Panel";
import type { Variant } from "../model";
import { useRefusedAt } from "../refused";
import { Stickiness } from "../Stickiness";
import { useVariantList, VariantList } from "./VariantList";
import { drawnBy } from "./variants";

type Props = { variants: Variant[]; readOnly: boolean; onChange: (variants: Variant[]) => void };

export function VariantsPanel({ variants, readOnly, onChange }: Props) {
  const list = useVariantList(variants, onChange);
  const refused = useRefusedAt("/variants/0/stickiness");
  if (variants.length === 0 && readOnly) return null;
  return (
    <Panel
      title="Variants"
      sentence={
        variants.length === 0
          ? "There are none: SDKs tell those who are let in only that it is on."
          : "What SDKs tell those who are let in."
      }
      actions={!readOnly && <AddButton onClick={list.add}>Add a variant</AddButton>}
    >
      <Stack>
        <VariantList list={list} at="/variants" noun="variant" readOnly={readOnly} />
        {!readOnly && variants.length > 1 && (
          <Stickiness
            value={variants[0]?.stickiness ?? undefined}
            onChange={(stickiness) => onChange(drawnBy(variants, stickiness))}
            error={refused}
          />
        )}
      </Stack>
    </Panel>
  );
}
