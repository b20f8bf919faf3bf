// A schedule, layer by layer: who takes turns, how long, and when they hand over.
import { Fieldset, MultiSelect, NumberInput, Select, SimpleGrid, Stack, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { Schema } from "../api/schema";
import { zone } from "../lib/calendar";
import { problemAt } from "../ui/problem";
import { done } from "../ui/toast";
import { FormEnd } from "./FormEnd";
import { type Draft, people, useSaveSchedule } from "./queries/setup";
import { firstLayer } from "./rotation";

type Schedule = Schema["ScheduleView"];
type Layer = Schema["Layer"];
type Rotation = Schema["Rotation"];

export function ScheduleForm({ schedule, close }: { schedule?: Schedule; close: () => void }) {
  const [fields, setFields] = useState<Draft<Schedule>>(
    () => schedule ?? { key: "", name: "", layers: [firstLayer(new Date(), zone())] },
  );
  const save = useSaveSchedule();
  const set = (some: Partial<Schedule>) => setFields((all) => ({ ...all, ...some }));
  const at = (pointer: string) => problemAt(save.error, pointer);
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
      {!schedule && (
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
      {fields.layers.map((layer, place) => (
        <LayerFields
          key={layer.name}
          layer={layer}
          error={at(`/layers/${place}`)}
          onChange={(changed) =>
            set({ layers: fields.layers.map((one, nth) => (nth === place ? changed : one)) })
          }
        />
      ))}
      <FormEnd
        error={save.error}
        except={["/key", "/name", ...fields.layers.map((_, place) => `/layers/${place}`)]}
        saving={save.isPending}
        onCancel={close}
      />
    </Stack>
  );
}

type LayerProps = { layer: Layer; error?: string; onChange: (layer: Layer) => void };

function LayerFields({ layer, error, onChange }: LayerProps) {
  const everybody = useQuery(people).data ?? [];
  const { rotation } = layer;
  const set = (some: Partial<Rotation>) => onChange({ ...layer, rotation: { ...rotation, ...some } });
  return (
    <Fieldset legend={layer.name}>
      <Stack gap="sm">
        <MultiSelect
          label="Who, in the order of their turns"
          required
          searchable
          data={everybody.map(({ id, name }) => ({ value: id, label: name }))}
          value={rotation.participants}
          onChange={(participants) => set({ participants, first: 0 })}
          error={error}
        />
        <SimpleGrid cols={{ base: 1, xs: 2 }}>
          <NumberInput
            label="A turn lasts"
            min={1}
            value={rotation.turn.every}
            onChange={(every) => set({ turn: { ...rotation.turn, every: Number(every) } })}
          />
          <Select
            label="Unit"
            allowDeselect={false}
            data={["hours", "days", "weeks"]}
            value={rotation.turn.unit}
            onChange={(unit) =>
              unit && set({ turn: { ...rotation.turn, unit: unit as Rotation["turn"]["unit"] } })
            }
          />
          <TextInput
            label="One handoff, from which all others follow"
            type="datetime-local"
            value={rotation.anchor.slice(0, 16)}
            onChange={(event) => set({ anchor: `${event.currentTarget.value}:00` })}
          />
          <Select
            label="On the wall clock of"
            searchable
            allowDeselect={false}
            data={zones(rotation.zone)}
            value={rotation.zone}
            onChange={(zone) => zone && set({ zone })}
          />
        </SimpleGrid>
      </Stack>
    </Fieldset>
  );
}

/** Every zone that the browser knows, and the one that is set. */
function zones(set: string): string[] {
  return [...new Set([set, "UTC", ...Intl.supportedValuesOf("timeZone")])];
}
