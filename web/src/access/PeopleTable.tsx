// People with their roles; admins change them here.
import { Badge, Button, Group, Modal, Select, Table, Text } from "@mantine/core";
import type { Schema } from "../api/schema";
import { type Role, useMe } from "../app/session";
import { Confirm } from "../ui/Confirm";
import { Instant } from "../ui/Instant";
import { done } from "../ui/toast";
import { Invited } from "./InviteForm";
import { useAmend, useInviteAgain } from "./queries";
import { ROLES } from "./roles";

type Person = Schema["Person"];
type Props = { people: Person[]; admin: boolean };

export function PeopleTable({ people, admin }: Props) {
  const again = useInviteAgain();
  return (
    <>
      <Table.ScrollContainer minWidth={560} type="native">
        <Table verticalSpacing="sm" aria-label="People">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Name</Table.Th>
              <Table.Th>Role</Table.Th>
              <Table.Th>Since</Table.Th>
              {admin && <Table.Th>Access</Table.Th>}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {people.map((person) => (
              <PersonRow
                key={person.id}
                person={person}
                admin={admin}
                onLink={() => again.mutate(person.id)}
              />
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
      <Modal opened={again.data !== undefined} onClose={again.reset} title="A new link" centered>
        {again.data && <Invited {...again.data} onClose={again.reset} />}
      </Modal>
    </>
  );
}

type RowProps = { person: Person; admin: boolean; onLink: () => void };

function PersonRow({ person, admin, onLink }: RowProps) {
  const amend = useAmend();
  const self = useMe()?.person?.id === person.id;
  const setRole = (role: Role) =>
    amend.mutate(
      { id: person.id, wish: { role } },
      {
        onSuccess: () =>
          done({
            message: `${person.name} is ${role} now.`,
            undo: () => amend.mutate({ id: person.id, wish: { role: person.role } }),
          }),
      },
    );
  return (
    <Table.Tr>
      <Table.Td>
        <Group gap="xs">
          <Text size="sm" fw={600}>
            {person.name}
          </Text>
          {person.invited && <Badge variant="default">Invited</Badge>}
          {person.disabledAt && <Badge variant="default">Locked out</Badge>}
        </Group>
        <Text size="sm" c="dimmed">
          {person.email}
        </Text>
      </Table.Td>
      <Table.Td>
        {admin ? (
          <Select
            aria-label={`Role of ${person.name}`}
            size="xs"
            w={110}
            data={ROLES}
            value={person.role}
            allowDeselect={false}
            disabled={amend.isPending}
            onChange={(role) => role && role !== person.role && setRole(role as Role)}
          />
        ) : (
          person.role
        )}
      </Table.Td>
      <Table.Td>
        <Instant at={person.createdAt} />
      </Table.Td>
      {admin && (
        <Table.Td>
          <Group gap="xs" wrap="nowrap">
            <Button size="xs" variant="default" onClick={onLink} disabled={Boolean(person.disabledAt)}>
              New link
            </Button>
            {!self && (
              <Lock
                person={person}
                onLock={(disabled) => amend.mutate({ id: person.id, wish: { disabled } })}
              />
            )}
          </Group>
        </Table.Td>
      )}
    </Table.Tr>
  );
}

function Lock({ person, onLock }: { person: Person; onLock: (disabled: boolean) => void }) {
  if (person.disabledAt) {
    return (
      <Button size="xs" variant="default" onClick={() => onLock(false)}>
        Let in again
      </Button>
    );
  }
  return (
    <Confirm
      verb={`Lock ${person.name} out`}
      consequence="Their sessions and personal tokens end at once. You can let them in again; they then need a new link or log in as before."
      onConfirm={() => onLock(true)}
      size="xs"
      variant="default"
      color="red"
    >
      Lock out
    </Confirm>
  );
}
