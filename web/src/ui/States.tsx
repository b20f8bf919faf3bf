// The states that every page has beside its own: loading, empty, failed. Each keeps the layout and says what to do.
import { Alert, Button, Skeleton, Stack, Text } from "@mantine/core";
import { IconPlugConnectedX } from "@tabler/icons-react";
import type { ReactNode } from "react";

export function Loading({ rows = 4 }: { rows?: number }) {
  return (
    <Stack gap="xs" aria-busy="true" aria-label="Loading">
      {Array.from({ length: rows }, (_, row) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the rows are all alike and never move
        <Skeleton key={row} height={36} />
      ))}
    </Stack>
  );
}

export function Empty({ children, action }: { children: ReactNode; action?: ReactNode }) {
  return (
    <Stack align="flex-start" gap="sm" py="xl">
      <Text c="dimmed">{children}</Text>
      {action}
    </Stack>
  );
}

/** What failed, what is still true, what to do. */
export function Failed({ error, retry }: { error: unknown; retry?: () => void }) {
  const said = error instanceof Error ? error.message : String(error);
  return (
    <Alert icon={<IconPlugConnectedX />} title="This could not be loaded" color="red" role="alert">
      <Stack gap="xs" align="flex-start">
        <Text size="sm">{said} SDKs keep serving the flags they have.</Text>
        {retry && (
          <Button size="xs" variant="default" onClick={retry}>
            Try again
          </Button>
        )}
      </Stack>
    </Alert>
  );
}
