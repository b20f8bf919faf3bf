// Shares of a rollout: they sum up to 100 %, or the editor says what is missing and who could take it.
import { Button, Group, NumberInput, Stack, Text, TextInput } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import { ReachBar } from "../ReachBar";
import { VariationDot } from "../VariationDot";
import { label, type Rollout, USER, type Variation } from "./model";
import { givenTheRest, missing, percentOf, percentWords, weightOf, withWeight } from "./weights";

type Props = { rollout: Rollout; variations: Variation[]; onChange: (rollout: Rollout) => void };

export function RolloutEditor({ rollout, variations, onChange }: Props) {
  return (
    <Stack gap="sm">
      <ReachBar shares={named(rollout, variations)} size={12} />
      <Stack gap="xs">
        {rollout.variations.map(({ variation, weight, untracked }, at) => (
          <Group key={`${variation} ${untracked}`} gap="sm" wrap="nowrap">
            <NumberInput
              aria-label={`Share of ${label(variations, variation)} in percent`}
              w={120}
              value={percentOf(weight)}
              onChange={(value) => onChange(withWeight(rollout, at, weightOf(Number(value) || 0)))}
              min={0}
              max={100}
              decimalScale={3}
              step={1}
              suffix=" %"
            />
            <VariationDot variations={variations} variation={variation} />
            {untracked && (
              <Text size="sm" c="dimmed">
                not compared
              </Text>
            )}
          </Group>
        ))}
      </Stack>
      <Sum rollout={rollout} variations={variations} onChange={onChange} />
      <Group gap="sm" align="flex-end">
        <TextInput
          label="By context kind"
          w={160}
          value={rollout.contextKind ?? USER}
          onChange={(event) => onChange({ ...rollout, contextKind: event.currentTarget.value })}
        />
        {rollout.kind !== "experiment" && (
          <TextInput
            label="By attribute"
            placeholder="key"
            w={160}
            value={rollout.bucketBy ?? ""}
            onChange={(event) => onChange({ ...rollout, bucketBy: event.currentTarget.value || undefined })}
          />
        )}
      </Group>
      {rollout.kind === "experiment" && (
        <Text size="sm" c="dimmed">
          These shares are being compared with each other. A release that walks here holds when they are
          changed by hand.
        </Text>
      )}
    </Stack>
  );
}

function Sum({ rollout, variations, onChange }: Props) {
  const rest = missing(rollout);
  if (rest === 0) return null;
  const last = rollout.variations.length - 1;
  const name = label(variations, rollout.variations[last]?.variation ?? 0);
  return (
    <Group gap="sm" role="alert">
      <Group gap={6} c="var(--regressed)" wrap="nowrap">
        <IconAlertTriangle size={16} aria-hidden />
        <Text size="sm" fw={600}>
          {rest > 0 ? `${percentWords(rest)} more to give` : `${percentWords(-rest)} too much`}
        </Text>
      </Group>
      <Button size="compact-sm" variant="default" onClick={() => onChange(givenTheRest(rollout, last))}>
        {rest > 0 ? `Give the rest to ${name}` : `Take it from ${name}`}
      </Button>
    </Group>
  );
}

function named({ variations: shares }: Rollout, variations: Variation[]) {
  return shares.map(({ variation, weight }) => ({ variation, weight, name: label(variations, variation) }));
}
