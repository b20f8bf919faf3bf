// On or off, at once, with its undo.
import { Button } from "@mantine/core";
import { IconPower } from "@tabler/icons-react";
import { done } from "../ui/toast";
import { useUndo } from "./queries/changes";
import { useChangeConfiguration } from "./queries/flags";
import { offWords } from "./state";
import { serveWords } from "./targeting/words";
import type { FlagHere } from "./useFlag";

export function OnSwitch({ here }: { here: FlagHere }) {
  const { configuration, variations, place } = here;
  const change = useChangeConfiguration(place, here.key);
  const undo = useUndo();
  const turn = configuration.on ? "off" : "on";
  const reach = configuration.on
    ? `Everybody gets ${offWords(configuration, variations)} within a second.`
    : `Everyone else gets ${serveWords(configuration.fallthrough, variations)} within a second.`;
  const flip = () =>
    change.mutate(
      { instructions: [{ kind: configuration.on ? "turnFlagOff" : "turnFlagOn" }] },
      {
        onSuccess: ({ seq }) =>
          done({
            message: `${here.view.name} is ${turn} in ${place.environment}, by change ${seq}.`,
            undo: () => undo.mutate(seq),
          }),
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
