// What the flag is in every environment: its words, its variations, its end.
import { Stack, Text } from "@mantine/core";
import { useNavigate } from "react-router";
import { useTo } from "../../app/place";
import { useMay } from "../../app/session";
import { Confirm } from "../../ui/Confirm";
import { Panel } from "../../ui/Panel";
import { done } from "../../ui/toast";
import { useUndo } from "../queries/changes";
import { useDeleteFlag } from "../queries/flags";
import type { FlagHere } from "../useFlag";
import { VariationTable } from "./VariationTable";
import { WordsForm } from "./WordsForm";

export function Details({ here }: { here: FlagHere }) {
  const mayWrite = useMay("writer");
  return (
    <Stack>
      <WordsForm here={here} readOnly={!mayWrite} />
      <VariationTable here={here} readOnly={!mayWrite} />
      {mayWrite && <Delete here={here} />}
    </Stack>
  );
}

function Delete({ here }: { here: FlagHere }) {
  const to = useTo();
  const navigate = useNavigate();
  const remove = useDeleteFlag(here.place.project, here.key);
  const undo = useUndo();
  const gone = ({ seq }: { seq: number }) => {
    navigate(to("/flags"));
    done({ message: `${here.view.name} is deleted, by change ${seq}.`, undo: () => undo.mutate(seq) });
  };
  return (
    <Panel title="Delete">
      <Stack align="flex-start" gap="sm">
        <Text size="sm">
          Code that still asks for the flag gets its own default, in every environment, within a second.
        </Text>
        <Confirm
          verb={`Delete ${here.view.name}`}
          consequence="Every SDK forgets the flag within a second and serves what the code gives as default. It can be undone."
          onConfirm={() => remove.mutate(here.view.version, { onSuccess: gone })}
          variant="outline"
          loading={remove.isPending}
        >
          Delete the flag
        </Confirm>
      </Stack>
    </Panel>
  );
}
