// What a metric is: its name, and the event that makes a unit count as bad.
import { Button, Group, Modal, Stack, Textarea, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { ProblemNote, problemAt } from "../ui/problem";
import type { Definition, Metric } from "./queries";

type Props = {
  title: string;
  opened: boolean;
  onClose: () => void;
  /** The one to change; a new one without. */
  metric?: Metric;
  error: unknown;
  pending: boolean;
  onSubmit: (metric: Definition & { key: string }) => void;
};

export function MetricForm({ title, opened, onClose, ...form }: Props) {
  return (
    <Modal opened={opened} onClose={onClose} title={title} centered>
      <Form {...form} />
    </Modal>
  );
}

function Form({ metric, error, pending, onSubmit }: Omit<Props, "title" | "opened" | "onClose">) {
  const [name, setName] = useState(metric?.name ?? "");
  const [eventKey, setEventKey] = useState(metric?.eventKey ?? "");
  const [description, setDescription] = useState(metric?.description ?? "");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    // The event's key is the natural key of what counts it.
    onSubmit({ key: metric?.key ?? keyFrom(eventKey), name, eventKey, description });
  };
  return (
    <form onSubmit={submit}>
      <Stack>
        <ProblemNote error={error} except={["name", "eventKey", "description"]} />
        <TextInput
          label="Name"
          placeholder="Failed payments"
          required
          withAsterisk={false}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          error={problemAt(error, "name")}
          data-autofocus
        />
        <TextInput
          label="Event"
          description="The key that your code tracks: client.track(“payment-failed”, context)."
          placeholder="payment-failed"
          required
          withAsterisk={false}
          value={eventKey}
          onChange={(event) => setEventKey(event.currentTarget.value)}
          error={problemAt(error, "eventKey")}
          styles={{ input: { fontFamily: "var(--mantine-font-family-monospace)" } }}
        />
        <Textarea
          label="Why it matters"
          value={description}
          onChange={(event) => setDescription(event.currentTarget.value)}
          error={problemAt(error, "description")}
          autosize
          minRows={2}
        />
        <Group justify="flex-end">
          <Button type="submit" loading={pending}>
            {metric ? "Save" : "Define"}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function keyFrom(eventKey: string): string {
  return eventKey.toLowerCase().replace(/[^a-z0-9._-]+/g, "-");
}
