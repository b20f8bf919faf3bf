// Adds one more of what its panel lists.
import { Button } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";

type Props = { onClick: () => void; children: string };

export function AddButton({ onClick, children }: Props) {
  return (
    <Button size="xs" variant="default" leftSection={<IconPlus size={14} />} onClick={onClick}>
      {children}
    </Button>
  );
}
