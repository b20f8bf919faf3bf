// While it stands, leaving the page asks first: something is not saved.
import { Button, Group, Modal, Stack, Text } from "@mantine/core";
import { useBlocker } from "react-router";
import { useAskBeforeUnload } from "./useAskBeforeUnload";

export function LeaveGuard() {
  const blocker = useBlocker(
    ({ currentLocation, nextLocation }) => currentLocation.pathname !== nextLocation.pathname,
  );
  useAskBeforeUnload(true);
  const blocked = blocker.state === "blocked";
  return (
    <Modal opened={blocked} onClose={() => blocker.reset?.()} title="Leave without saving?" centered>
      <Stack>
        <Text size="sm">Your edit is lost then. Nothing of it has been sent.</Text>
        <Group justify="flex-end">
          <Button variant="default" onClick={() => blocker.proceed?.()}>
            Leave
          </Button>
          <Button onClick={() => blocker.reset?.()} data-autofocus>
            Stay
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
