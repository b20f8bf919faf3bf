// How long it took to detect, acknowledge, mitigate and recover.
import { SimpleGrid, Stack, Text } from "@mantine/core";
import type { Schema } from "../api/schema";
import { duration } from "../lib/time";
import { Panel } from "../ui/Panel";

const SPANS: { key: keyof Schema["Spans"]; name: string; from: string; missing: string }[] = [
  {
    key: "toDetectMs",
    name: "Detect",
    from: "from the first bad outcome",
    missing: "its beginning is not known",
  },
  { key: "toAcknowledgeMs", name: "Acknowledge", from: "from the first page", missing: "not yet" },
  { key: "toMitigateMs", name: "Mitigate", from: "until the cause was taken back", missing: "not yet" },
  { key: "toRecoverMs", name: "Recover", from: "until all was well", missing: "not yet" },
];

export function Times({ spans, over }: { spans: Schema["Spans"]; over: boolean }) {
  return (
    <Panel title="Times">
      <SimpleGrid cols={{ base: 2, xs: 4 }} spacing="md">
        {SPANS.map(({ key, name, from, missing }) => {
          const took = spans[key];
          return (
            <Stack key={key} gap={0}>
              <Text size="sm" fw={600}>
                {name}
              </Text>
              <Text fz="lg" c={took == null ? "dimmed" : undefined}>
                {took == null ? "–" : duration(took)}
              </Text>
              <Text size="xs" c="dimmed">
                {took == null ? (over && missing === "not yet" ? "did not happen" : missing) : from}
              </Text>
            </Stack>
          );
        })}
      </SimpleGrid>
    </Panel>
  );
}
