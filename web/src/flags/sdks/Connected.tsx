// The SDKs of this environment: who they are, what they do, and when they were last seen.
import { Button, Stack, Table, Text } from "@mantine/core";
import { useNow } from "../../lib/now";
import { Instant } from "../../ui/Instant";
import { MeaningLabel } from "../../ui/Meaning";
import { Panel } from "../../ui/Panel";
import { Empty } from "../../ui/States";
import { keyName } from "../places/kinds";
import { detailsOf, doings, isConnected, nameOf, type Sdk } from "./words";

type Props = { list: Sdk[]; onConnect: () => void };

export function Connected({ list, onConnect }: Props) {
  return (
    <Panel
      title="Seen within a week"
      sentence="As their requests name them, on all nodes. Behind an edge, an SDK is seen by its events."
    >
      {list.length === 0 ? (
        <Empty action={<Button onClick={onConnect}>Connect an SDK</Button>}>
          None yet. It appears here with its first request.
        </Empty>
      ) : (
        <Table.ScrollContainer minWidth={0} type="native">
          <Table verticalSpacing="sm" aria-label="SDKs">
            <Table.Thead>
              <Table.Tr>
                <Table.Th>SDK</Table.Th>
                <Table.Th>State</Table.Th>
                <Table.Th visibleFrom="sm">Comes by</Table.Th>
                <Table.Th visibleFrom="sm" ta="right">
                  Instances
                </Table.Th>
                <Table.Th>Last seen</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {list.map((sdk) => (
                <SdkRow key={idOf(sdk)} sdk={sdk} />
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
    </Panel>
  );
}

function SdkRow({ sdk }: { sdk: Sdk }) {
  const connected = isConnected(sdk, useNow());
  const details = detailsOf(sdk);
  return (
    <Table.Tr>
      <Table.Td>
        <Text size="sm" fw={600} style={{ overflowWrap: "anywhere" }}>
          {nameOf(sdk)}
        </Text>
        {details && (
          <Text size="sm" c="dimmed" style={{ overflowWrap: "anywhere" }}>
            {details}
          </Text>
        )}
      </Table.Td>
      <Table.Td>
        <Stack gap={2}>
          <MeaningLabel meaning={connected ? "healthy" : "unknown"}>
            {connected ? "connected" : "silent"}
          </MeaningLabel>
          <Text size="sm" c="dimmed">
            {doings(sdk)}
          </Text>
        </Stack>
      </Table.Td>
      <Table.Td visibleFrom="sm">
        <Text size="sm">{keyName(sdk.key)}</Text>
      </Table.Td>
      <Table.Td visibleFrom="sm" ta="right">
        <Text size="sm">{sdk.instances?.toLocaleString("en") ?? "not told"}</Text>
      </Table.Td>
      <Table.Td>
        <Text size="sm" component="span">
          <Instant at={sdk.lastSeen} />
        </Text>
      </Table.Td>
    </Table.Tr>
  );
}

function idOf({ key, family, name, version, wrapper, application, applicationVersion }: Sdk): string {
  return [key, family, name, version, wrapper, application, applicationVersion].join(" ");
}
