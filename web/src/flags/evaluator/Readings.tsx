// For which SDKs that holds. Another family is one more entry.
import { Stack, Text, Title } from "@mantine/core";
import type { Schema } from "../../api/schema";
import { Truth } from "./Truth";

type Reading = Schema["Reading"];

const NAMES: Record<Reading["reader"], string> = {
  launchDarklyServer: "LaunchDarkly SDKs on servers",
  launchDarklyBrowser: "LaunchDarkly SDKs in browsers",
  launchDarklyMobile: "LaunchDarkly SDKs in apps",
  openFeature: "OpenFeature (OFREP)",
  unleashServer: "Unleash’s SDKs on servers",
  unleashFrontend: "Unleash’s SDKs in browsers and apps",
};

export function Readings({ readings }: { readings: Reading[] }) {
  return (
    <Stack gap="xs" component="section" aria-label="For which SDKs">
      <Title order={3} size="sm">
        For which SDKs
      </Title>
      {readings.map(({ reader, given, sentence }) => (
        <Truth key={reader} truth={given ? "holds" : "fails"}>
          <Text span size="sm">
            {NAMES[reader]}
          </Text>
          <Text size="xs" c="dimmed">
            {sentence}.
          </Text>
        </Truth>
      ))}
    </Stack>
  );
}
