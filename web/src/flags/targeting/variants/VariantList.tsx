// Variants that are drawn together: their shares as a bar, and each with its editor.
import { Box, Button, Group, Stack, Text } from "@mantine/core";
import { useState } from "react";
import { ReachBar } from "../../ReachBar";
import { Dot } from "../../VariationDot";
import { Card } from "../Card";
import { Mend } from "../Mend";
import type { Variant } from "../model";
import { useRefusedAt, useRefusedWhole } from "../refused";
import { WHOLE as ALL } from "../weights";
import { isFixed, missing, restTo, shareOf, sumWords } from "./shares";
import { VariantEditor } from "./VariantEditor";
import { firstWrong, variantWords, withNew, without, wrongOf } from "./variants";

/** Variants that are edited: which is open, and what becomes of all when one comes or goes. */
export function useVariantList(
  variants: Variant[],
  onChange: (variants: Variant[]) => void,
  stickiness = variants[0]?.stickiness ?? undefined,
) {
  const [open, setOpen] = useState<number>();
  return {
    variants,
    onChange,
    open,
    toggle: (index: number) => setOpen(open === index ? undefined : index),
    add: () => {
      onChange(withNew(variants, stickiness));
      setOpen(variants.length);
    },
    remove: (index: number) => {
      onChange(without(variants, index));
      setOpen(undefined);
    },
  };
}

type Props = {
  list: ReturnType<typeof useVariantList>;
  /** Where they stand in the configuration, as a JSON pointer. */
  at: string;
  /** What these are called beside others: `variant`, `own variant`. */
  noun: string;
  readOnly: boolean;
};

export function VariantList({ list, at, noun, readOnly }: Props) {
  const { variants, onChange, open, toggle, remove } = list;
  const refused = useRefusedWhole(at);
  return (
    <Stack gap="xs">
      {variants.length > 0 && <ReachBar shares={shares(variants)} size={12} />}
      <Stack component="ol" gap="xs" m={0} p={0} style={{ listStyle: "none" }}>
        {variants.map((variant, index) => (
          <VariantCard
            // biome-ignore lint/suspicious/noArrayIndexKey: a variant is its place while its name is typed
            key={index}
            variants={variants}
            index={index}
            at={`${at}/${index}`}
            what={`${noun} ${variant.name || index + 1}`}
            readOnly={readOnly}
            open={open === index}
            onOpen={() => toggle(index)}
            onChange={onChange}
            onRemove={() => remove(index)}
          />
        ))}
      </Stack>
      {refused && <Mend>{refused}</Mend>}
      {!readOnly && <Sum variants={variants} onChange={onChange} />}
    </Stack>
  );
}

type CardProps = {
  variants: Variant[];
  index: number;
  at: string;
  what: string;
  readOnly: boolean;
  open: boolean;
  onOpen: () => void;
  onChange: (variants: Variant[]) => void;
  onRemove: () => void;
};

function VariantCard({ variants, index, at, what, readOnly, open, onOpen, onChange, onRemove }: CardProps) {
  const refused = useRefusedAt(at);
  const variant = variants[index];
  if (!variant) return null;
  return (
    <Card
      what={what}
      summary={
        <Group gap={8} wrap="nowrap" align="flex-start">
          <Box mt={3} lh={1}>
            <Dot index={index} />
          </Box>
          <Text size="sm" style={{ overflowWrap: "anywhere" }} lineClamp={3}>
            {variantWords(variant, variants)}
          </Text>
        </Group>
      }
      wrong={firstWrong(wrongOf(variants, index)) ?? refused}
      readOnly={readOnly}
      open={open}
      onOpen={onOpen}
      onRemove={onRemove}
    >
      <VariantEditor variants={variants} index={index} at={at} onChange={onChange} />
    </Card>
  );
}

function Sum({ variants, onChange }: Pick<CardProps, "variants" | "onChange">) {
  const words = sumWords(variants);
  if (!words) return null;
  const fixed = variants.findLastIndex(isFixed);
  const last = fixed === -1 ? variants.length - 1 : fixed;
  const name = variants[last]?.name ?? "";
  return (
    <Group gap="sm">
      <Mend>{words}</Mend>
      <Button size="compact-sm" variant="default" onClick={() => onChange(restTo(variants, last))}>
        {missing(variants) > 0 ? `Give the rest to ${name}` : `Take it from ${name}`}
      </Button>
    </Group>
  );
}

/** As the bar wants them: thousandths of a percent, each under its own colour. */
function shares(variants: Variant[]) {
  return variants.map(({ name, weight }, variation) => ({
    variation,
    name: name || `variant ${variation + 1}`,
    weight: Math.round((shareOf(weight, variants) * ALL) / 100),
  }));
}
