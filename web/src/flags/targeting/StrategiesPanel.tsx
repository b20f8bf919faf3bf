// Whom Unleash's strategies let in: any of them is enough.
import { Stack, Text } from "@mantine/core";
import { useState } from "react";
import { AddButton } from "../../ui/AddButton";
import { Panel } from "../../ui/Panel";
import { Card } from "./Card";
import type { Strategy } from "./model";
import { useRefusedAt } from "./refused";
import { StrategyEditor } from "./StrategyEditor";
import { newStrategy, strategyWords } from "./strategies";
import { sumWords } from "./variants/shares";
import { firstWrong, variantWords, wrongOf } from "./variants/variants";

type Props = { strategies: Strategy[]; readOnly: boolean; onChange: (strategies: Strategy[]) => void };

export function StrategiesPanel({ strategies, readOnly, onChange }: Props) {
  const [open, setOpen] = useState<number>();
  const add = () => {
    onChange([...strategies, newStrategy()]);
    setOpen(strategies.length);
  };
  const remove = (at: number) => {
    onChange(strategies.filter((_, index) => index !== at));
    setOpen(undefined);
  };
  return (
    <Panel
      title="Strategies"
      sentence={
        strategies.length === 0
          ? "There are none, so everyone gets it while it is on."
          : "Any of them lets in; of one, all conditions must hold."
      }
      actions={!readOnly && <AddButton onClick={add}>Add a strategy</AddButton>}
    >
      <Stack component="ol" gap="xs" m={0} p={0} style={{ listStyle: "none" }}>
        {strategies.map((strategy, at) => (
          <StrategyCard
            // biome-ignore lint/suspicious/noArrayIndexKey: a strategy has no name but its place
            key={at}
            strategy={strategy}
            number={at + 1}
            readOnly={readOnly}
            open={open === at}
            onOpen={() => setOpen(open === at ? undefined : at)}
            onChange={(changed) => onChange(strategies.map((one, index) => (index === at ? changed : one)))}
            onRemove={() => remove(at)}
          />
        ))}
      </Stack>
    </Panel>
  );
}

type CardProps = {
  strategy: Strategy;
  number: number;
  readOnly: boolean;
  open: boolean;
  onOpen: () => void;
  onChange: (strategy: Strategy) => void;
  onRemove: () => void;
};

function StrategyCard({ strategy, number, readOnly, open, onOpen, onChange, onRemove }: CardProps) {
  const at = `/strategies/${number - 1}`;
  const { title, disabled, variants = [] } = strategy;
  const refused = useRefusedAt(at);
  const sum = readOnly ? undefined : sumWords(variants);
  const wrong =
    variants.map((_, index) => firstWrong(wrongOf(variants, index))).find(Boolean) ??
    (sum && `Its variants do not add up to 100 %: ${sum}.`);
  return (
    <Card
      what={`strategy ${number}`}
      summary={
        <>
          {title && (
            <Text size="sm" fw={600}>
              {title}
            </Text>
          )}
          <Text size="sm" c={disabled ? "dimmed" : undefined} style={{ overflowWrap: "anywhere" }}>
            {number}. Let in {strategyWords(strategy)}
          </Text>
          {!open && variants.length > 0 && (
            <Text size="sm" c="dimmed" lineClamp={3} style={{ overflowWrap: "anywhere" }}>
              They get {variants.map((one) => variantWords(one, variants)).join("; ")}
            </Text>
          )}
        </>
      }
      wrong={wrong ?? refused}
      readOnly={readOnly}
      open={open}
      onOpen={onOpen}
      onRemove={onRemove}
    >
      <StrategyEditor strategy={strategy} at={at} onChange={onChange} />
    </Card>
  );
}
