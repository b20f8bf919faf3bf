// How code asks for the flag, and which SDKs have been heard of.
import { Stack, Table, Tabs, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useMay } from "../../app/session";
import { Copy } from "../../ui/Copy";
import { Instant } from "../../ui/Instant";
import { Panel } from "../../ui/Panel";
import { Empty, Failed, Loading } from "../../ui/States";
import { keys } from "../queries/places";
import { sdks } from "../queries/seen";
import type { FlagHere } from "../useFlag";
import { Evaluations } from "./Evaluations";
import { SNIPPETS } from "./snippets";

const PLACEHOLDER = "YOUR_SDK_KEY";

export function CodePanel({ here }: { here: FlagHere }) {
  return (
    <Stack>
      <Panel
        title="In your code"
        sentence="The official LaunchDarkly and OpenFeature SDKs, unmodified; only the address is ours."
      >
        <Snippets here={here} />
      </Panel>
      <Evaluations here={here} />
      <SdksSeen here={here} />
    </Stack>
  );
}

function Snippets({ here }: { here: FlagHere }) {
  const list = useQuery({ ...keys(here.place), enabled: useMay("writer") }).data;
  const active = list?.find(({ kind, revokedAt, expiresAt }) => kind === "sdk" && !revokedAt && !expiresAt);
  const [shown, setShown] = useState<string | null>("node");
  const facts = {
    base: window.location.origin,
    key: active?.value ?? PLACEHOLDER,
    flag: here.key,
    kind: here.view.kind,
    fallback: here.variations[here.view.defaults.offVariation]?.value ?? null,
  };
  return (
    <Tabs value={shown} onChange={setShown} variant="pills" keepMounted={false}>
      <Tabs.List mb="sm">
        {SNIPPETS.map(({ id, name }) => (
          <Tabs.Tab key={id} value={id}>
            {name}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      {SNIPPETS.map(({ id, install, text }) => (
        <Tabs.Panel key={id} value={id}>
          <Stack gap="xs">
            {install && <Copy text={install} label="Copy the command" block />}
            <Copy text={text(facts)} label="Copy the code" block />
            {!active && (
              <Text size="sm" c="dimmed">
                The SDK key stands in Settings, for those who may see it.
              </Text>
            )}
          </Stack>
        </Tabs.Panel>
      ))}
    </Tabs>
  );
}

function SdksSeen({ here }: { here: FlagHere }) {
  const seen = useQuery(sdks(here.place));
  return (
    <Panel title="SDKs heard of" sentence={`In ${here.place.environment}, whichever flags they ask for.`}>
      {seen.isPending && <Loading rows={2} />}
      {seen.isError && <Failed error={seen.error} retry={() => void seen.refetch()} />}
      {seen.data?.length === 0 && (
        <Empty>None yet. Start your service with the code above, and it appears here.</Empty>
      )}
      {seen.data && seen.data.length > 0 && (
        <Table aria-label="SDKs heard of">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>SDK</Table.Th>
              <Table.Th>Last heard of</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {seen.data.map(({ name, version, instance, lastSeen }) => (
              <Table.Tr key={`${name} ${version} ${instance}`}>
                <Table.Td>
                  {name} {version}
                </Table.Td>
                <Table.Td>
                  <Instant at={lastSeen} />
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      )}
    </Panel>
  );
}
