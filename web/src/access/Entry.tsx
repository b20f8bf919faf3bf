// The frame of the pages for those who are not in yet.
import { Box, Group, Stack, Text, Title } from "@mantine/core";
import type { ReactNode } from "react";

type Props = { title: string; sentence: ReactNode; children: ReactNode };

export function Entry({ title, sentence, children }: Props) {
  return (
    <Box component="main" maw={400} mx="auto" px="md" py={{ base: "xl", sm: 96 }}>
      <Stack gap="lg">
        <Group gap="xs">
          <img src="/favicon.svg" width={32} height={32} alt="" />
          <Text fw={600} size="lg">
            Steadfast
          </Text>
        </Group>
        <Stack gap={4}>
          <Title order={1}>{title}</Title>
          <Text c="dimmed">{sentence}</Text>
        </Stack>
        {children}
      </Stack>
    </Box>
  );
}
