// A variation's mark: the same colour and name wherever it stands.
import { Group, Text } from "@mantine/core";
import { nameOf, type Variation } from "./targeting/model";

const COLOURS = ["#4575b4", "#8c95a1", "#2a9d8f", "#9c6ade", "#c26a3d", "#3aa0d1", "#a8892c", "#c2578f"];
const NONE = "#c3c9d1";

export function colourOf(variation: number | null): string {
  return variation === null ? NONE : (COLOURS[variation % COLOURS.length] ?? NONE);
}

/** The mark alone. */
export function Dot({ index }: { index: number | null }) {
  return (
    <svg width={10} height={10} aria-hidden style={{ flexShrink: 0 }}>
      <circle cx={5} cy={5} r={5} fill={colourOf(index)} />
    </svg>
  );
}

type Props = { variations: Variation[]; variation: number | null };

export function VariationDot({ variations, variation }: Props) {
  return (
    <Group component="span" display="inline-flex" gap={6} wrap="nowrap" miw={0}>
      <Dot index={variation} />
      <Text span size="sm" fw={600} truncate>
        {nameOf(variations, variation)}
      </Text>
    </Group>
  );
}
