// A new key, and how long the old ones still hold.
import { Button, Group, Modal, Select, Stack, Text } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { usePlace } from "../../app/place";
import { Copy } from "../../ui/Copy";
import { ProblemNote } from "../../ui/problem";
import { type KeyKind, useAddKey } from "../queries/places";

const HOUR_MS = 3_600_000;
const GRACE = [
  { value: "1", label: "for an hour" },
  { value: "24", label: "for a day" },
  { value: "168", label: "for a week" },
  { value: "720", label: "for 30 days" },
  { value: "forever", label: "until they are revoked" },
];

export function RotateKey({ kind, onClose }: { kind: KeyKind; onClose: () => void }) {
  const add = useAddKey(usePlace());
  const [grace, setGrace] = useState("168");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const until =
      grace === "forever" ? undefined : new Date(Date.now() + Number(grace) * HOUR_MS).toISOString();
    add.mutate({ kind, expireOthersAt: until });
  };
  return (
    <Modal opened onClose={onClose} title="Rotate the key" centered>
      {add.data ? (
        <Stack>
          <Text size="sm">Give this one to your services; the old one still holds meanwhile.</Text>
          <Copy text={add.data.value} label="Copy the key" block />
          <Button onClick={onClose}>Done</Button>
        </Stack>
      ) : (
        <form onSubmit={submit}>
          <Stack>
            <ProblemNote error={add.error} />
            <Text size="sm">
              A new key is made. The old ones hold long enough for your services to change over.
            </Text>
            <Select
              label="The old ones hold"
              data={GRACE}
              value={grace}
              onChange={(value) => value && setGrace(value)}
              allowDeselect={false}
            />
            <Group justify="flex-end">
              <Button type="submit" loading={add.isPending}>
                Make the new key
              </Button>
            </Group>
          </Stack>
        </form>
      )}
    </Modal>
  );
}
