// Whether pages must prove for whom they ask: at once, with its undo.
import { Button, Group, Text } from "@mantine/core";
import { usePlace } from "../../app/place";
import { useMay } from "../../app/session";
import { Panel } from "../../ui/Panel";
import { ProblemNote } from "../../ui/problem";
import { type Environment, useChangeEnvironment } from "../queries/places";
import { useTold } from "../useTold";

export function SecureMode({ environment }: { environment: Environment }) {
  const { name, secureMode } = environment;
  const mayWrite = useMay("writer");
  const change = useChangeEnvironment(usePlace().project, environment);
  const told = useTold();
  const turn = secureMode ? "off" : "on";
  const flip = () =>
    change.mutate(
      { secureMode: !secureMode },
      { onSuccess: (edited) => told(edited, `Secure mode is ${turn} in ${name}`) },
    );
  return (
    <Panel
      title={`Secure mode of ${name}`}
      sentence="A page gets only the flags of the context that your server made a hash for, with an SDK key."
    >
      <ProblemNote error={change.error} />
      <Group justify="space-between">
        <Text size="sm">
          {secureMode
            ? "On: a page whose hash is missing or wrong gets no flags."
            : "Off: a page gets the flags of any context that it names."}
        </Text>
        {mayWrite && (
          <Button
            size="xs"
            variant="default"
            onClick={flip}
            loading={change.isPending}
            title={
              secureMode
                ? "Pages need no hash any more."
                : "Pages without a hash lose their stream within a second, and get no flags when they load."
            }
          >
            Turn secure mode {turn}
          </Button>
        )}
      </Group>
    </Panel>
  );
}
