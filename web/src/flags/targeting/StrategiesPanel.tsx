// Whom Unleash's strategies let in: any of them is enough.
import { ActionIcon, Group, Stack, Text } from "@mantine/core";
import { IconPencil, IconTrash } from "@tabler/icons-react";
import { useState } from "react";
import { AddButton } from "../../ui/AddButton";
import { Panel } from "../../ui/Panel";
import type { Strategy } from "./model";
import { StrategyEditor } from "./StrategyEditor";
import { newStrategy, strategyWords } from "./strategies";
import classes from "./targeting.module.css";

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
  return (
    <li className={classes.rule} data-open={open || undefined}>
      <Group justify="space-between" align="flex-start" gap="xs">
        <Stack gap={2} style={{ flex: "1 1 16rem", minWidth: 0 }}>
          {strategy.title && (
            <Text size="sm" fw={600}>
              {strategy.title}
            </Text>
          )}
          <Text size="sm" c={strategy.disabled ? "dimmed" : undefined} style={{ overflowWrap: "anywhere" }}>
            {number}. Let in {strategyWords(strategy)}
          </Text>
        </Stack>
        {!readOnly && (
          <Group gap={2} wrap="nowrap">
            <ActionIcon
              variant={open ? "light" : "subtle"}
              color="gray"
              size={32}
              aria-label={`Edit strategy ${number}`}
              aria-expanded={open}
              onClick={onOpen}
            >
              <IconPencil size={16} />
            </ActionIcon>
            <ActionIcon
              variant="subtle"
              color="gray"
              size={32}
              aria-label={`Remove strategy ${number}`}
              onClick={onRemove}
            >
              <IconTrash size={16} />
            </ActionIcon>
          </Group>
        )}
      </Group>
      {open && !readOnly && <StrategyEditor strategy={strategy} onChange={onChange} onDone={onOpen} />}
    </li>
  );
}
