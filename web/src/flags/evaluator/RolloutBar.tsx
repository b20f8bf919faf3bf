// Where the context falls in the rollout that decided: the shares as a bar, and its place in it.
import { Stack, Text } from "@mantine/core";
import type { Schema } from "../../api/schema";
import { nameOf, type Variation } from "../targeting/model";
import { colourOf } from "../VariationDot";
import classes from "./RolloutBar.module.css";
import { written } from "./told";

type Props = { rollout: Schema["RolloutStep"]; variations: Variation[] };

export function RolloutBar({ rollout, variations }: Props) {
  const { bucket, contextKind, hashed, shares } = rollout;
  const place = bucket ?? 0;
  const chosen = shares.find((share) => share.chosen);
  const words =
    bucket == null
      ? `The context has no ${contextKind}, so it counts as bucket 0`
      : `${written(hashed)} of ${contextKind} falls into bucket ${percent(place)} of 100`;
  const into = chosen ? `, which belongs to ${nameOf(variations, chosen.variation ?? null)}` : "";
  return (
    <Stack gap={4}>
      <div className={classes.bar} role="img" aria-label={words + into}>
        {shares.map(({ variation, end }, at) => (
          <span
            // biome-ignore lint/suspicious/noArrayIndexKey: shares do not move
            key={at}
            style={{
              width: `${Math.max(Math.min(end, 100) - (shares[at - 1]?.end ?? 0), 0)}%`,
              background: colourOf(variation ?? null),
            }}
          />
        ))}
        <span className={classes.here} style={{ left: `${Math.min(place, 100)}%` }} />
      </div>
      <Text size="xs" c="dimmed" style={{ overflowWrap: "anywhere" }}>
        {words}
        {into}.
      </Text>
    </Stack>
  );
}

function percent(bucket: number): string {
  return bucket.toLocaleString("en", { maximumFractionDigits: 3 });
}
