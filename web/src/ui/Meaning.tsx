// The four meanings: a colour, an icon and a word, never a colour alone.
import { Group, Text } from "@mantine/core";
import { IconAlertTriangle, IconCircleCheck, IconHelpCircle, IconOctagon } from "@tabler/icons-react";
import type { ReactNode } from "react";

export type Meaning = "healthy" | "suspect" | "regressed" | "unknown";

const icons = {
  healthy: IconCircleCheck,
  suspect: IconAlertTriangle,
  regressed: IconOctagon,
  unknown: IconHelpCircle,
};

export function MeaningLabel({ meaning, children }: { meaning: Meaning; children: ReactNode }) {
  const Icon = icons[meaning];
  return (
    <Group gap={6} wrap="nowrap" c={`var(--${meaning})`} component="span" display="inline-flex">
      <Icon size={16} aria-hidden style={{ flexShrink: 0 }} />
      <Text span size="sm" fw={600} inherit={false}>
        {children}
      </Text>
    </Group>
  );
}
