// The button behind a condition, of a rule and of a strategy alike.
import { ActionIcon } from "@mantine/core";
import { IconTrash } from "@tabler/icons-react";

export function RemoveCondition({ onRemove }: { onRemove: () => void }) {
  return (
    <ActionIcon variant="subtle" color="gray" size={36} onClick={onRemove} aria-label="Remove this condition">
      <IconTrash size={16} />
    </ActionIcon>
  );
}
