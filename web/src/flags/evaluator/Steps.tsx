// Why that came out: each thing that was looked at, in order, with what was seen and whether it held.
import { Stack, Text, Title } from "@mantine/core";
import type { Variation } from "../targeting/model";
import { RolloutBar } from "./RolloutBar";
import { Truth } from "./Truth";
import { type Step, type Steps as Told, told } from "./told";

export function Steps({ steps, variations }: { steps: Told; variations: Variation[] }) {
  return (
    <Stack gap="xs" component="section" aria-label="Step by step">
      <Title order={3} size="sm">
        Step by step
      </Title>
      <Stack component="ol" gap="xs" m={0} p={0} style={{ listStyle: "none" }}>
        {told(steps, variations).map((step) => (
          <StepRow key={step.name} step={step} />
        ))}
      </Stack>
      {steps.rollout && <RolloutBar rollout={steps.rollout} variations={variations} />}
    </Stack>
  );
}

function StepRow({ step }: { step: Step }) {
  return (
    <li>
      <Truth truth={step.truth}>
        <Text span size="sm" fw={step.truth === "decided" ? 600 : undefined}>
          {step.name}
        </Text>
      </Truth>
      <Stack gap={2} pl={22}>
        {step.parts.map(({ words, saw, truth }) => (
          <Truth key={words} truth={truth} small>
            <Text span size="xs" style={{ overflowWrap: "anywhere" }}>
              {words}
              {saw !== undefined && (
                <Text span inherit c="dimmed">
                  {" "}
                  (here: {saw})
                </Text>
              )}
            </Text>
          </Truth>
        ))}
      </Stack>
    </li>
  );
}
