// Which SDKs are not told of the flag, because they would read it otherwise.
import { Stack, Text } from "@mantine/core";
import { Panel } from "../../ui/Panel";
import type { Family } from "../useFlag";

export function FamiliesPanel({ families }: { families: Family[] }) {
  const away = families.filter(({ local }) => !local);
  if (away.length === 0) return null;
  return (
    <Panel title="Evaluated here" sentence="for SDKs that would read it otherwise.">
      <Stack gap={4}>
        {away.map(({ family, why }) => (
          <Text key={family} size="sm">
            {why}
          </Text>
        ))}
      </Stack>
    </Panel>
  );
}
