// The keys of this environment: shown when asked, rotated with time to move over, revoked at once.
import { ActionIcon, Button, Group, Stack, Table, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconEye, IconEyeOff } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { usePlace } from "../../app/place";
import { useMay } from "../../app/session";
import { Confirm } from "../../ui/Confirm";
import { Copy } from "../../ui/Copy";
import { Instant } from "../../ui/Instant";
import { Panel } from "../../ui/Panel";
import { Failed, Loading } from "../../ui/States";
import { done } from "../../ui/toast";
import { type KeyKind, keys, type SdkKey, useRevokeKey } from "../queries/places";
import { KINDS } from "./kinds";
import { RotateKey } from "./RotateKey";

export function Keys() {
  const place = usePlace();
  const list = useQuery(keys(place));
  const [rotating, setRotating] = useState<KeyKind | null>(null);
  const admin = useMay("admin");
  return (
    <Panel
      title={`Keys of ${place.environment}`}
      sentence="By its key an SDK says which environment it runs in."
    >
      {list.isPending && <Loading />}
      {list.isError && <Failed error={list.error} retry={() => void list.refetch()} />}
      <Stack gap="lg">
        {list.data &&
          KINDS.map(({ kind, name, what }) => (
            <Stack key={kind} gap={4}>
              <Group justify="space-between">
                <Text fw={600} size="sm">
                  {name}
                </Text>
                {admin && (
                  <Button size="xs" variant="default" onClick={() => setRotating(kind)}>
                    Rotate
                  </Button>
                )}
              </Group>
              <Text size="sm" c="dimmed">
                {what}
              </Text>
              <KeyTable name={name} list={list.data.filter((key) => key.kind === kind)} admin={admin} />
            </Stack>
          ))}
      </Stack>
      {rotating && <RotateKey kind={rotating} onClose={() => setRotating(null)} />}
    </Panel>
  );
}

function KeyTable({ name, list, admin }: { name: string; list: SdkKey[]; admin: boolean }) {
  const [old, { toggle }] = useDisclosure();
  const now = Date.now();
  const ended = (key: SdkKey) =>
    Boolean(key.revokedAt) || (key.expiresAt && new Date(key.expiresAt).getTime() <= now);
  const shown = list.filter((key) => old || !ended(key));
  const hidden = list.length - list.filter((key) => !ended(key)).length;
  return (
    <>
      <Table.ScrollContainer minWidth={0} type="native">
        <Table aria-label={name}>
          <Table.Tbody>
            {shown.map((key) => (
              <KeyRow key={key.id} name={name} sdkKey={key} ended={Boolean(ended(key))} admin={admin} />
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
      {hidden > 0 && (
        <Group>
          <Button size="compact-xs" variant="subtle" onClick={toggle}>
            {old ? "Hide those that ended" : `Show ${hidden} that ended`}
          </Button>
        </Group>
      )}
    </>
  );
}

type RowProps = { name: string; sdkKey: SdkKey; ended: boolean; admin: boolean };

function KeyRow({ name, sdkKey, ended, admin }: RowProps) {
  const secret = sdkKey.kind !== "clientSide";
  const [seen, { toggle }] = useDisclosure(!secret);
  const revoke = useRevokeKey(usePlace());
  return (
    <Table.Tr>
      <Table.Td>
        <Group gap="xs">
          <Group gap={4} wrap="nowrap">
            <Copy text={sdkKey.value} label={`Copy the ${name}`} hidden={!seen} />
            {secret && (
              <ActionIcon
                variant="subtle"
                color="gray"
                onClick={toggle}
                aria-label={seen ? "Hide it" : "Show it"}
              >
                {seen ? <IconEyeOff size={16} /> : <IconEye size={16} />}
              </ActionIcon>
            )}
          </Group>
          <Text size="sm" c="dimmed" component="span">
            <Life sdkKey={sdkKey} />
          </Text>
        </Group>
      </Table.Td>
      <Table.Td ta="right">
        {admin && !ended && (
          <Confirm
            verb={`Revoke this ${name}`}
            consequence="SDKs that use it are refused at once, and most of them stay silent until they are restarted. This cannot be undone; to change keys without harm, rotate instead."
            word="revoke"
            onConfirm={() =>
              revoke.mutate(sdkKey.id, { onSuccess: () => done({ message: `The ${name} is revoked.` }) })
            }
            size="xs"
            variant="default"
          >
            Revoke
          </Confirm>
        )}
      </Table.Td>
    </Table.Tr>
  );
}

function Life({ sdkKey: { createdAt, expiresAt, revokedAt } }: { sdkKey: SdkKey }) {
  if (revokedAt) {
    return (
      <>
        revoked <Instant at={revokedAt} />
      </>
    );
  }
  if (expiresAt) {
    return (
      <>
        ends <Instant at={expiresAt} />
      </>
    );
  }
  return (
    <>
      made <Instant at={createdAt} />
    </>
  );
}
