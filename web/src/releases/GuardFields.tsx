// The guards of a new release: which metric, how much worse is fine, and what then.
import { ActionIcon, Button, Group, NumberInput, Select, Stack, Text } from "@mantine/core";
import { IconPlus, IconTrash } from "@tabler/icons-react";
import { type Guard, whole } from "./words";

type Props = {
  guards: Guard[];
  metrics: { key: string; name: string }[];
  errorAt: (pointer: string) => string | undefined;
  onChange: (guards: Guard[]) => void;
};

export function GuardFields({ guards, metrics, errorAt, onChange }: Props) {
  const free = metrics.filter(({ key }) => !guards.some(({ metric }) => metric === key));
  const set = (place: number, changed: Guard) =>
    onChange(guards.map((one, nth) => (nth === place ? changed : one)));
  return (
    <Stack gap="sm">
      {metrics.length === 0 && (
        <Text size="sm" c="dimmed">
          This project has no metric yet. Create one first, so that something can watch.
        </Text>
      )}
      {guards.map((guard, place) => (
        <Fields
          key={guard.metric}
          guard={guard}
          metrics={metrics.filter(({ key }) => key === guard.metric || free.some((one) => one.key === key))}
          error={errorAt(`/guards/${place}`)}
          onChange={(changed) => set(place, changed)}
          onRemove={() => onChange(guards.filter((_, nth) => nth !== place))}
        />
      ))}
      {free[0] && (
        <Group>
          <Button
            variant="default"
            leftSection={<IconPlus size={16} />}
            onClick={() => onChange([...guards, whole({ metric: free[0]?.key ?? "" })])}
          >
            {guards.length === 0 ? "Watch a metric" : "Watch another metric"}
          </Button>
        </Group>
      )}
    </Stack>
  );
}

type FieldsProps = {
  guard: Guard;
  metrics: { key: string; name: string }[];
  error?: string;
  onChange: (guard: Guard) => void;
  onRemove: () => void;
};

function Fields({ guard, metrics, error, onChange, onRemove }: FieldsProps) {
  const { tolerance } = guard;
  const tolerate = (some: Partial<Guard["tolerance"]>) =>
    onChange({ ...guard, tolerance: { ...tolerance, ...some } });
  return (
    <Group align="flex-end" gap="sm" role="group" aria-label={`Guard on ${guard.metric}`}>
      <Select
        label="Metric"
        flex="2 1 10rem"
        allowDeselect={false}
        data={metrics.map(({ key, name }) => ({ value: key, label: name }))}
        value={guard.metric}
        onChange={(metric) => metric && onChange({ ...guard, metric })}
        error={error}
      />
      <NumberInput
        label="Fine: points worse"
        flex="1 1 8rem"
        min={0}
        max={99}
        step={0.1}
        decimalScale={3}
        suffix=" pp"
        value={tolerance.absolute * 100}
        onChange={(points) => tolerate({ absolute: Number(points) / 100 })}
      />
      <NumberInput
        label="Fine: times the control"
        flex="1 1 8rem"
        min={1}
        max={100}
        step={0.1}
        decimalScale={2}
        suffix=" ×"
        value={tolerance.ratio}
        onChange={(ratio) => tolerate({ ratio: Number(ratio) })}
      />
      <Select
        label="When it gets worse"
        flex="1 1 10rem"
        allowDeselect={false}
        data={[
          { value: "rollBack", label: "Take it back" },
          { value: "hold", label: "Hold and page" },
        ]}
        value={guard.onRegression}
        onChange={(then) => then && onChange({ ...guard, onRegression: then as Guard["onRegression"] })}
      />
      <ActionIcon variant="default" size={36} aria-label={`Do not watch ${guard.metric}`} onClick={onRemove}>
        <IconTrash size={16} />
      </ActionIcon>
    </Group>
  );
}
