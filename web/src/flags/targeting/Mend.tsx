// What is to be mended before it can be saved, where no one field is to blame.
import { Group, Text } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import type { ReactNode } from "react";

export function Mend({ children }: { children: ReactNode }) {
  return (
    <Group gap={6} c="var(--regressed)" wrap="nowrap" align="flex-start" role="alert">
      <IconAlertTriangle size={16} aria-hidden style={{ flexShrink: 0, marginTop: 2 }} />
      <Text size="sm" fw={600}>
        {children}
      </Text>
    </Group>
  );
}
