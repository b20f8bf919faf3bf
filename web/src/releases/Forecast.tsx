// What will happen once the release is started, in plain words.
import { Stack, Text } from "@mantine/core";
import { Panel } from "../ui/Panel";
import { forecast, type Wish } from "./words";

export function Forecast(wish: Wish) {
  return (
    <Panel title="What will happen">
      <Stack gap={4} role="status">
        {forecast(wish).map((sentence) => (
          <Text key={sentence} size="sm">
            {sentence}
          </Text>
        ))}
      </Stack>
    </Panel>
  );
}
