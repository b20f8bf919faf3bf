// Somebody stands in for a while; what that changes is shown before it is saved.
import { Button, Group, Select, SimpleGrid, Stack, Text, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { Schema } from "../api/schema";
import { addDays, dayAndTime, fromInput, toInput } from "../lib/calendar";
import { Panel } from "../ui/Panel";
import { ProblemNote, problemAt } from "../ui/problem";
import { done } from "../ui/toast";
import { shifts, useAddOverride } from "./queries/duty";
import { people } from "./queries/setup";
import { differences, type Exception } from "./stretch";
import { names } from "./words";

const HOUR_MS = 3_600_000;

type Fields = { schedule: string; person: string | null; replaces: string | null; from: string; to: string };

function fresh(schedule: string): Fields {
  const start = new Date(Math.ceil(Date.now() / HOUR_MS) * HOUR_MS);
  return { schedule, person: null, replaces: null, from: toInput(start), to: toInput(addDays(start, 1)) };
}

export function OverrideForm({ schedules }: { schedules: Schema["ScheduleDuty"][] }) {
  const [fields, setFields] = useState(() => fresh(schedules[0]?.schedule ?? ""));
  const everybody = useQuery(people).data ?? [];
  const add = useAddOverride();
  const set = (some: Partial<Fields>) => setFields((all) => ({ ...all, ...some }));
  const known = everybody.map(({ id, name }) => ({ value: id, label: name }));
  const exception = exceptionOf(fields, everybody);
  const save = () => {
    if (!exception) return;
    const { person, replaces, from, to } = exception;
    const request = {
      person: person.id,
      replaces: replaces?.id,
      from: from.toISOString(),
      to: to.toISOString(),
    };
    add.mutate(
      { schedule: fields.schedule, ...request },
      {
        onSuccess: () => {
          done({ message: `${person.name} stands in.` });
          setFields(fresh(fields.schedule));
        },
      },
    );
  };
  return (
    <Panel
      title="Stand in for somebody"
      sentence="An override counts before the schedule, for as long as it lasts."
    >
      <Stack
        component="form"
        onSubmit={(event) => {
          event.preventDefault();
          save();
        }}
      >
        <SimpleGrid cols={{ base: 1, xs: 2, md: 3 }}>
          <Select
            label="Schedule"
            data={schedules.map(({ schedule, name }) => ({ value: schedule, label: name }))}
            value={fields.schedule}
            allowDeselect={false}
            onChange={(schedule) => schedule && set({ schedule })}
          />
          <Select
            label="Who stands in"
            placeholder="Choose somebody"
            searchable
            required
            data={known}
            value={fields.person}
            onChange={(person) => set({ person })}
            error={problemAt(add.error, "/person")}
          />
          <Select
            label="For whom"
            placeholder="Whoever is on call"
            clearable
            data={known}
            value={fields.replaces}
            onChange={(replaces) => set({ replaces })}
          />
          <TextInput
            label="From"
            type="datetime-local"
            value={fields.from}
            onChange={(event) => set({ from: event.currentTarget.value })}
            error={problemAt(add.error, "/from")}
          />
          <TextInput
            label="To"
            type="datetime-local"
            value={fields.to}
            onChange={(event) => set({ to: event.currentTarget.value })}
            error={problemAt(add.error, "/to")}
          />
        </SimpleGrid>
        {exception && <Preview schedule={fields.schedule} exception={exception} />}
        <ProblemNote error={add.error} except={["/person", "/from", "/to"]} />
        <Group justify="flex-end">
          <Button type="submit" disabled={!exception} loading={add.isPending}>
            Save the override
          </Button>
        </Group>
      </Stack>
    </Panel>
  );
}

function Preview({ schedule, exception }: { schedule: string; exception: Exception }) {
  const found = useQuery(shifts(schedule, exception.from, exception.to));
  if (!found.data) return null;
  const changed = differences(found.data.shifts, exception);
  return (
    <Stack gap={2} role="status">
      <Text size="sm" fw={600}>
        {changed.length === 0 ? "This would change nothing." : "This would change:"}
      </Text>
      {changed.map(({ from, to, before, after }) => (
        <Text key={from} size="sm">
          {dayAndTime(from)} – {dayAndTime(to)}: {names(after)} instead of {names(before)}
        </Text>
      ))}
    </Stack>
  );
}

/** What the fields say; `undefined` while they do not say it all. */
function exceptionOf(fields: Fields, everybody: { id: string; name: string }[]): Exception | undefined {
  const person = everybody.find(({ id }) => id === fields.person);
  const replaces = everybody.find(({ id }) => id === fields.replaces);
  const [from, to] = [fromInput(fields.from), fromInput(fields.to)];
  return person && from && to && from < to ? { person, replaces, from, to } : undefined;
}
