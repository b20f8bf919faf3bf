// An escalation policy, level by level.
import { Button, Fieldset, Group, MultiSelect, NumberInput, Stack, TextInput } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { Schema } from "../api/schema";
import { problemAt } from "../ui/problem";
import { done } from "../ui/toast";
import { FormEnd } from "./FormEnd";
import { type Draft, type Policy, people, schedules, useSavePolicy } from "./queries/setup";

type Level = Schema["Level"];
type Target = Schema["PolicyTarget"];

const FIRST: Level = { targets: [], delaySeconds: 300 };

export function PolicyForm({ policy, close }: { policy?: Policy; close: () => void }) {
  const [fields, setFields] = useState<Draft<Policy>>(
    () => policy ?? { key: "", name: "", levels: [FIRST], repeat: 1 },
  );
  const save = useSavePolicy();
  const set = (some: Partial<Policy>) => setFields((all) => ({ ...all, ...some }));
  const at = (pointer: string) => problemAt(save.error, pointer);
  const levels = (change: (all: Level[]) => Level[]) => set({ levels: change(fields.levels) });
  return (
    <Stack
      component="form"
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate(fields, {
          onSuccess: () => {
            done({ message: `${fields.name} is saved.` });
            close();
          },
        });
      }}
    >
      {!policy && (
        <TextInput
          label="Key"
          description="For programs; it cannot be changed."
          required
          value={fields.key}
          onChange={(event) => set({ key: event.currentTarget.value })}
          error={at("/key")}
        />
      )}
      <TextInput
        label="Name"
        required
        value={fields.name}
        onChange={(event) => set({ name: event.currentTarget.value })}
        error={at("/name")}
      />
      {fields.levels.map((level, place) => (
        <LevelFields
          // biome-ignore lint/suspicious/noArrayIndexKey: a level is its place
          key={place}
          place={place}
          level={level}
          error={at(`/levels/${place}`)}
          onChange={(changed) => levels((all) => all.map((one, nth) => (nth === place ? changed : one)))}
          onRemove={
            fields.levels.length > 1
              ? () => levels((all) => all.filter((_, nth) => nth !== place))
              : undefined
          }
        />
      ))}
      <Group>
        <Button
          variant="default"
          leftSection={<IconPlus size={16} />}
          onClick={() => levels((all) => [...all, FIRST])}
        >
          Add a level
        </Button>
      </Group>
      <NumberInput
        label="Repeats"
        description="How often the levels are walked again before the catch-all is paged."
        min={0}
        max={10}
        value={fields.repeat}
        onChange={(repeat) => set({ repeat: Number(repeat) })}
        error={at("/repeat")}
      />
      <FormEnd
        error={save.error}
        except={["/key", "/name", "/repeat", ...fields.levels.map((_, place) => `/levels/${place}`)]}
        saving={save.isPending}
        onCancel={close}
      />
    </Stack>
  );
}

type LevelProps = {
  place: number;
  level: Level;
  error?: string;
  onChange: (level: Level) => void;
  onRemove?: () => void;
};

function LevelFields({ place, level, error, onChange, onRemove }: LevelProps) {
  const everybody = useQuery(people).data ?? [];
  const rotas = useQuery(schedules).data ?? [];
  const choices = [
    {
      group: "On call",
      items: rotas.map(({ key, name }) => ({ value: `schedule ${key}`, label: `On call: ${name}` })),
    },
    { group: "People", items: everybody.map(({ id, name }) => ({ value: `person ${id}`, label: name })) },
    { group: "Last resort", items: [{ value: "catchAll", label: "The catch-all" }] },
  ];
  return (
    <Fieldset legend={`Level ${place + 1}`}>
      <Stack gap="sm">
        <MultiSelect
          label="Page"
          placeholder={level.targets.length === 0 ? "Nobody yet" : undefined}
          searchable
          data={choices}
          value={level.targets.map(optionOf)}
          onChange={(values) => onChange({ ...level, targets: values.map(targetOf) })}
          error={error}
        />
        <NumberInput
          label="Wait, in minutes"
          description="Then the next level is paged."
          min={1 / 60}
          decimalScale={2}
          value={level.delaySeconds / 60}
          onChange={(minutes) => onChange({ ...level, delaySeconds: Math.round(Number(minutes) * 60) })}
        />
        {onRemove && (
          <Group justify="flex-end">
            <Button variant="default" size="xs" onClick={onRemove}>
              Remove level {place + 1}
            </Button>
          </Group>
        )}
      </Stack>
    </Fieldset>
  );
}

function optionOf(target: Target): string {
  if (target.kind === "person") return `person ${target.person}`;
  return target.kind === "schedule" ? `schedule ${target.schedule}` : "catchAll";
}

function targetOf(value: string): Target {
  const [kind, id = ""] = value.split(" ");
  if (kind === "person") return { kind, person: id };
  return kind === "schedule" ? { kind, schedule: id } : { kind: "catchAll" };
}
