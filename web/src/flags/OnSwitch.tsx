// On or off, at once, with its undo.
import { Button } from "@mantine/core";
import { IconPower } from "@tabler/icons-react";
import { useChangeConfiguration } from "./queries/flags";
import { offWords } from "./state";
import { serveWords } from "./targeting/words";
import type { FlagHere } from "./useFlag";
import { useTold } from "./useTold";

export function OnSwitch({ here }: { here: FlagHere }) {
  const { configuration, variations, place } = here;
  const change = useChangeConfiguration(place, here.key);
  const told = useTold();
  const turn = configuration.on ? "off" : "on";
  const reach = configuration.on
    ? `Everybody gets ${offWords(configuration, variations)} within a second.`
    : `Everyone else gets ${serveWords(configuration.fallthrough, variations)} within a second.`;
  const flip = () =>
    change.mutate(
      { instructions: [{ kind: configuration.on ? "turnFlagOff" : "turnFlagOn" }] },
      {
        onSuccess: (edited) => told(edited, `${here.view.name} is ${turn} in ${place.environment}`),
      },
    );
  return (
    <Button
      onClick={flip}
      loading={change.isPending}
      leftSection={<IconPower size={16} />}
      color={configuration.on ? "red" : undefined}
      variant={configuration.on ? "outline" : "filled"}
      title={reach}
    >
      Turn {turn}
    </Button>
  );
}
