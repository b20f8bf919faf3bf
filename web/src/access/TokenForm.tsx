// Makes a token and shows its secret, this once.
import { Button, Modal, Select, Stack, Text, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { type Role, useMay } from "../app/session";
import { Copy } from "../ui/Copy";
import { ProblemNote, problemAt } from "../ui/problem";
import { useMakeToken } from "./queries";
import { ROLES } from "./roles";

const LIVES = [
  { value: "30", label: "In 30 days" },
  { value: "90", label: "In 90 days" },
  { value: "365", label: "In a year" },
  { value: "never", label: "When it is revoked" },
];
const KINDS = [
  { value: "personal", label: "Me" },
  { value: "service", label: "A service" },
];
const DAY_MS = 86_400_000;

type Props = { opened: boolean; onClose: () => void };

export function TokenForm({ opened, onClose }: Props) {
  return (
    <Modal opened={opened} onClose={onClose} title="Make a token" centered>
      <Form onClose={onClose} />
    </Modal>
  );
}

function Form({ onClose }: { onClose: () => void }) {
  const make = useMakeToken();
  const may = { writer: useMay("writer"), admin: useMay("admin") };
  const [name, setName] = useState("");
  const [kind, setKind] = useState<"personal" | "service">("personal");
  const [role, setRole] = useState<Role>("reader");
  const [life, setLife] = useState("90");
  if (make.data) {
    return (
      <Stack>
        <Text size="sm">Keep this secret somewhere safe: it is shown this once.</Text>
        <Copy text={make.data.secret} label="Copy the secret" block />
        <Button onClick={onClose}>Done</Button>
      </Stack>
    );
  }
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const expiresAt =
      life === "never" ? undefined : new Date(Date.now() + Number(life) * DAY_MS).toISOString();
    make.mutate({ name, kind, role, expiresAt });
  };
  return (
    <form onSubmit={submit}>
      <Stack>
        <ProblemNote error={make.error} except={["name", "role", "expiresAt"]} />
        <TextInput
          label="Name"
          description="What it is for, such as “deploy job”."
          required
          withAsterisk={false}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          error={problemAt(make.error, "name")}
          data-autofocus
        />
        <Select
          label="It acts for"
          data={KINDS}
          value={kind}
          allowDeselect={false}
          onChange={(value) => value && setKind(value as typeof kind)}
        />
        <Select
          label="Role"
          data={ROLES.filter(({ value }) => value === "reader" || may[value as keyof typeof may])}
          value={role}
          allowDeselect={false}
          onChange={(value) => value && setRole(value as Role)}
          error={problemAt(make.error, "role")}
        />
        <Select
          label="It ends"
          data={LIVES}
          value={life}
          allowDeselect={false}
          onChange={(value) => value && setLife(value)}
          error={problemAt(make.error, "expiresAt")}
        />
        <Button type="submit" loading={make.isPending}>
          Make it
        </Button>
      </Stack>
    </form>
  );
}
