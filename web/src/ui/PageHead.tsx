// The head of a page: its name, its state in one sentence, its primary action.
import { Group, Stack, Text, Title } from "@mantine/core";
import type { ReactNode } from "react";

type Props = { title: ReactNode; sentence?: ReactNode; actions?: ReactNode };

export function PageHead({ title, sentence, actions }: Props) {
  return (
    <Group justify="space-between" align="flex-start" mb="lg" gap="md">
      <Stack gap={4} style={{ minWidth: 0, flex: "1 1 18rem" }}>
        <Title order={1}>{title}</Title>
        {sentence && <Text c="dimmed">{sentence}</Text>}
      </Stack>
      {actions && <Group gap="xs">{actions}</Group>}
    </Group>
  );
}
