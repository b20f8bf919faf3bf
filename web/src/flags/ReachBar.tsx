// Who gets what, as a bar: the shares of those whom no target and no rule catches.
import { Progress } from "@mantine/core";
import type { NamedShare } from "./state";
import { percentOf, percentWords } from "./targeting/weights";
import { colourOf } from "./VariationDot";

type Props = { shares: NamedShare[]; size?: number };

export function ReachBar({ shares, size = 8 }: Props) {
  const words = shares.map(({ name, weight }) => `${percentWords(weight)} ${name}`);
  return (
    <Progress.Root size={size} role="img" aria-label={words.join(", ")}>
      {shares.map(({ variation, name, weight }) => (
        <Progress.Section
          key={name}
          value={percentOf(weight)}
          color={colourOf(variation ?? null)}
          withAria={false}
        />
      ))}
    </Progress.Root>
  );
}
