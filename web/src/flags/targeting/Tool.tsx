// A small button of a card; without something to do it is disabled.
import { ActionIcon } from "@mantine/core";
import type { IconPencil } from "@tabler/icons-react";

type Props = { label: string; icon: typeof IconPencil; onClick?: () => void; pressed?: boolean };

export function Tool({ label, icon: Icon, onClick, pressed }: Props) {
  return (
    <ActionIcon
      variant={pressed ? "light" : "subtle"}
      color="gray"
      size={32}
      onClick={onClick}
      disabled={!onClick}
      aria-label={label}
      aria-expanded={pressed}
    >
      <Icon size={16} />
    </ActionIcon>
  );
}
