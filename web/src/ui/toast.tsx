// What has just happened, with its way back; and what was refused.
import { Button, Group, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { Problem } from "../api/problem";

type Done = { message: string; undo?: () => void };

const UNDO_MS = 12_000;

/** Says what changed; `undo` is offered for some seconds. */
export function done({ message, undo }: Done) {
  const id = notifications.show({
    color: "teal",
    autoClose: undo ? UNDO_MS : undefined,
    message: (
      <Group justify="space-between" gap="sm">
        <Text size="sm">{message}</Text>
        {undo && (
          <Button
            size="compact-sm"
            variant="default"
            onClick={() => {
              notifications.hide(id);
              undo();
            }}
          >
            Undo
          </Button>
        )}
      </Group>
    ),
  });
}

/** Says what was refused and what would be right. */
export function refused(error: unknown) {
  notifications.show({
    color: "red",
    title: error instanceof Problem ? error.detail : "This did not work.",
    message: error instanceof Problem ? error.hint : error instanceof Error ? error.message : String(error),
    autoClose: 15_000,
    role: "alert",
  });
}
