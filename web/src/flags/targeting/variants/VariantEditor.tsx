// One variant, opened: its name, its share, what comes with it, and who gets it in any case.
import { Checkbox, Group, NumberInput, Select, Stack, Textarea, TextInput } from "@mantine/core";
import type { Variant } from "../model";
import { useRefusedAt } from "../refused";
import { OverridesEditor } from "./OverridesEditor";
import { fixedAt, freedAt, isFixed, percentOf, put } from "./shares";
import { PAYLOADS, type PayloadType, wrongOf } from "./variants";

type Props = {
  variants: Variant[];
  index: number;
  /** Where it stands in the configuration, as a JSON pointer. */
  at: string;
  onChange: (variants: Variant[]) => void;
};

export function VariantEditor({ variants, index, at, onChange }: Props) {
  const refusedName = useRefusedAt(`${at}/name`);
  const refusedOverrides = useRefusedAt(`${at}/overrides`);
  const variant = variants[index];
  if (!variant) return null;
  const wrong = wrongOf(variants, index);
  const set = (change: Partial<Variant>) => onChange(put(variants, index, change));
  return (
    <>
      <Group align="flex-start" gap="md">
        <TextInput
          label="Name"
          description="What SDKs tell."
          w={220}
          value={variant.name}
          onChange={(event) => set({ name: event.currentTarget.value })}
          error={wrong.name ?? refusedName}
        />
        <Share variants={variants} index={index} at={at} onChange={onChange} />
      </Group>
      <Payload variant={variant} at={at} wrong={wrong.value} onChange={(payload) => set({ payload })} />
      <OverridesEditor
        overrides={variant.overrides ?? []}
        wrong={wrong.overrides}
        refused={refusedOverrides}
        onChange={(overrides) => set({ overrides })}
      />
    </>
  );
}

function Share({ variants, index, at, onChange }: Props) {
  const refused = useRefusedAt(`${at}/weight`);
  const variant = variants[index];
  if (!variant) return null;
  const fixed = isFixed(variant);
  const share = percentOf(variant.weight);
  return (
    <Stack gap={6}>
      <NumberInput
        label="Share"
        description={fixed ? "It stays when others change." : "Even, of what fixed ones leave."}
        inputWrapperOrder={["label", "description", "input", "error"]}
        suffix=" %"
        w={200}
        min={0}
        max={100}
        decimalScale={1}
        step={1}
        disabled={!fixed}
        value={share}
        onChange={(value) => {
          // Mantine also tells of values that it was given.
          const percent = Number(value) || 0;
          if (fixed && percent !== share) onChange(fixedAt(variants, index, percent));
        }}
        error={refused}
      />
      <Checkbox
        label="Fixed share"
        checked={fixed}
        onChange={(event) =>
          onChange(event.currentTarget.checked ? fixedAt(variants, index, share) : freedAt(variants, index))
        }
      />
    </Stack>
  );
}

const NONE = "none";
const MONOSPACE = { input: { fontFamily: "var(--mantine-font-family-monospace)", fontSize: "0.8125rem" } };
const TYPES = [
  { value: NONE, label: "Nothing" },
  ...Object.entries(PAYLOADS).map(([value, label]) => ({ value, label })),
];

type PayloadProps = {
  variant: Variant;
  at: string;
  wrong?: string;
  onChange: (payload: Variant["payload"]) => void;
};

function Payload({ variant: { payload }, at, wrong, onChange }: PayloadProps) {
  const refused = useRefusedAt(`${at}/payload`);
  return (
    <Group align="flex-start" gap="xs">
      <Select
        label="Comes with"
        w={130}
        data={TYPES}
        value={payload?.type ?? NONE}
        onChange={(type) =>
          type &&
          onChange(type === NONE ? undefined : { type: type as PayloadType, value: payload?.value ?? "" })
        }
        allowDeselect={false}
      />
      {payload && (
        <Textarea
          label="Value"
          style={{ flex: "1 1 14rem" }}
          autosize
          maxRows={12}
          spellCheck={false}
          styles={payload.type === "json" ? MONOSPACE : undefined}
          value={payload.value}
          onChange={(event) => onChange({ ...payload, value: event.currentTarget.value })}
          error={wrong ?? refused}
        />
      )}
    </Group>
  );
}
