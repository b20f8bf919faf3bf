// Invites a person and shows their one-time link, to be handed on.
import { Button, Modal, Select, Stack, Text, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import type { Role } from "../app/session";
import { exact } from "../lib/time";
import { Copy } from "../ui/Copy";
import { ProblemNote, problemAt } from "../ui/problem";
import { useInvite } from "./queries";
import { ROLES } from "./roles";

type Props = { opened: boolean; onClose: () => void };

export function InviteForm({ opened, onClose }: Props) {
  return (
    <Modal opened={opened} onClose={onClose} title="Invite a person" centered>
      <Form onClose={onClose} />
    </Modal>
  );
}

function Form({ onClose }: { onClose: () => void }) {
  const invite = useInvite();
  const [name, setName] = useState("");
  const [email, setEmail] = useState("");
  const [role, setRole] = useState<Role>("writer");
  if (invite.data) return <Invited {...invite.data} onClose={onClose} />;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    invite.mutate({ name, email, role });
  };
  return (
    <form onSubmit={submit}>
      <Stack>
        <ProblemNote error={invite.error} except={["name", "email", "role"]} />
        <TextInput
          label="Name"
          required
          withAsterisk={false}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          error={problemAt(invite.error, "name")}
          data-autofocus
        />
        <TextInput
          label="E-mail address"
          type="email"
          required
          withAsterisk={false}
          value={email}
          onChange={(event) => setEmail(event.currentTarget.value)}
          error={problemAt(invite.error, "email")}
        />
        <Select
          label="Role"
          data={ROLES}
          value={role}
          onChange={(value) => value && setRole(value as Role)}
          allowDeselect={false}
          error={problemAt(invite.error, "role")}
        />
        <Button type="submit" loading={invite.isPending}>
          Invite
        </Button>
      </Stack>
    </form>
  );
}

type InvitedProps = { person: { name: string }; link: string; expiresAt: string; onClose: () => void };

export function Invited({ person, link, expiresAt, onClose }: InvitedProps) {
  return (
    <Stack>
      <Text size="sm">
        Hand this link to {person.name}. It is shown this once and works once, until {exact(expiresAt)}.
      </Text>
      <Copy text={link} label="Copy the link" block />
      <Button onClick={onClose}>Done</Button>
    </Stack>
  );
}
