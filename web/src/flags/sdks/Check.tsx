// Whether the SDK that one is just connecting has come: from waiting to connected without a reload.
import { Group, Loader, Text } from "@mantine/core";
import { useNow } from "../../lib/now";
import { Instant } from "../../ui/Instant";
import { MeaningLabel } from "../../ui/Meaning";
import type { Snippet } from "./snippets";
import { isConnected, latestOf, nameOf, type Sdk } from "./words";

type Props = { snippet: Snippet; list: Sdk[] };

export function Check({ snippet, list }: Props) {
  const now = useNow();
  const latest = latestOf(list, snippet);
  return (
    <Group gap="xs" role="status" aria-label="Connection">
      {latest && isConnected(latest, now) ? (
        <>
          <MeaningLabel meaning="healthy">Connected: {nameOf(latest)},</MeaningLabel>
          <Text size="sm" component="span">
            <Instant at={latest.lastSeen} />
          </Text>
        </>
      ) : (
        <>
          <Loader size="xs" color="gray" aria-hidden />
          <Text size="sm" c="dimmed" component="span">
            {latest ? (
              <>
                Waiting: {nameOf(latest)} was last seen <Instant at={latest.lastSeen} />
              </>
            ) : (
              "Waiting for the first connection"
            )}
          </Text>
        </>
      )}
    </Group>
  );
}
