// A part of a page with its own heading.
import { Box, Group, Stack, Text, Title } from "@mantine/core";
import { type ReactNode, useId } from "react";
import classes from "./Panel.module.css";

type Props = { title: ReactNode; sentence?: ReactNode; actions?: ReactNode; children: ReactNode };

export function Panel({ title, sentence, actions, children }: Props) {
  const id = useId();
  return (
    <Box component="section" className={classes.panel} aria-labelledby={id}>
      <Group justify="space-between" align="flex-start" mb="sm" gap="xs">
        <Stack gap={2}>
          <Title order={2} id={id}>
            {title}
          </Title>
          {sentence && (
            <Text size="sm" c="dimmed">
              {sentence}
            </Text>
          )}
        </Stack>
        {actions && <Group gap="xs">{actions}</Group>}
      </Group>
      {children}
    </Box>
  );
}
