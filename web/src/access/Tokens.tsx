// Tokens: for scripts of one's own, and for services.
import { Badge, Button, Group, Table, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconPlus } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import type { Schema } from "../api/schema";
import { Confirm } from "../ui/Confirm";
import { Instant } from "../ui/Instant";
import { Panel } from "../ui/Panel";
import { Empty, Failed, Loading } from "../ui/States";
import { done } from "../ui/toast";
import { people, tokens, useRevokeToken } from "./queries";
import { TokenForm } from "./TokenForm";

export function Tokens() {
  const list = useQuery(tokens);
  const [making, { open, close }] = useDisclosure();
  const make = (
    <Button leftSection={<IconPlus size={16} />} onClick={open}>
      Make a token
    </Button>
  );
  return (
    <Panel
      title="Tokens"
      sentence="A personal token acts for you and ends with your access; a service token acts for a program and stays."
      actions={make}
    >
      <TokenForm opened={making} onClose={close} />
      {list.isPending && <Loading />}
      {list.isError && <Failed error={list.error} retry={() => void list.refetch()} />}
      {list.data?.length === 0 && (
        <Empty>There are no tokens. Scripts and deploy jobs use one to call the API.</Empty>
      )}
      {list.data && list.data.length > 0 && <TokenTable list={list.data} />}
    </Panel>
  );
}

function TokenTable({ list }: { list: Schema["Token"][] }) {
  const everybody = useQuery(people).data;
  const nameOf = (id?: string | null) => everybody?.find((person) => person.id === id)?.name ?? "you";
  return (
    <Table.ScrollContainer minWidth={560} type="native">
      <Table verticalSpacing="sm" aria-label="Tokens">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Name</Table.Th>
            <Table.Th>Acts for</Table.Th>
            <Table.Th>Role</Table.Th>
            <Table.Th>Last used</Table.Th>
            <Table.Th>Ends</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {list.map((token) => (
            <Table.Tr key={token.id}>
              <Table.Td fw={600}>{token.name}</Table.Td>
              <Table.Td>{token.kind === "service" ? "a service" : nameOf(token.personId)}</Table.Td>
              <Table.Td>{token.role}</Table.Td>
              <Table.Td>{token.lastUsedAt ? <Instant at={token.lastUsedAt} /> : "never"}</Table.Td>
              <Table.Td>
                <Ending token={token} />
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

function Ending({ token }: { token: Schema["Token"] }) {
  const revoke = useRevokeToken();
  if (token.revokedAt) return <Badge variant="default">Revoked</Badge>;
  return (
    <Group gap="xs" wrap="nowrap">
      {token.expiresAt && (
        <Text size="sm" span>
          <Instant at={token.expiresAt} />
        </Text>
      )}
      <Confirm
        verb={`Revoke ${token.name}`}
        consequence="Whatever uses it is refused at once. This cannot be undone; make another token to let it in again."
        onConfirm={() =>
          revoke.mutate(token.id, { onSuccess: () => done({ message: `${token.name} is revoked.` }) })
        }
        size="xs"
        variant="default"
        color="red"
      >
        Revoke
      </Confirm>
    </Group>
  );
}
