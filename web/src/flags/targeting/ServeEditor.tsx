// What is served: one variation, or a percentage rollout.
import { Select, Stack } from "@mantine/core";
import { label, type Serve, type Variation } from "./model";
import { RolloutEditor } from "./RolloutEditor";
import { rolloutFrom } from "./weights";

type Props = { label: string; serve: Serve; variations: Variation[]; onChange: (serve: Serve) => void };

const ROLLOUT = "rollout";

export function ServeEditor({ label: name, serve, variations, onChange }: Props) {
  const options = [
    ...variations.map((_, index) => ({ value: String(index), label: label(variations, index) })),
    { value: ROLLOUT, label: "A percentage rollout" },
  ];
  const choose = (value: string | null) => {
    if (value === ROLLOUT) onChange({ rollout: rolloutFrom(serve, variations) });
    else if (value !== null) onChange({ variation: Number(value) });
  };
  return (
    <Stack gap="sm">
      <Select
        label={name}
        data={options}
        value={"rollout" in serve ? ROLLOUT : String(serve.variation)}
        onChange={choose}
        allowDeselect={false}
        maw={320}
      />
      {"rollout" in serve && (
        <RolloutEditor
          rollout={serve.rollout}
          variations={variations}
          onChange={(rollout) => onChange({ rollout })}
        />
      )}
    </Stack>
  );
}
