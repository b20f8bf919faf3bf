// Edits that are not saved: how many, and what to do with them.
import { Button, Group, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { LeaveGuard } from "../../ui/LeaveGuard";
import { counted } from "../state";
import type { Draft } from "../useDraft";
import type { FlagHere } from "../useFlag";
import type { Configuration } from "./model";
import { ReviewChange } from "./ReviewChange";
import classes from "./targeting.module.css";

type Props = {
  here: FlagHere;
  draft: Draft<Configuration>;
  /** Something in it cannot be saved; its field says what. */
  wrong?: boolean;
};

export function PendingBar({ here, draft, wrong = false }: Props) {
  const [reviewing, { open, close }] = useDisclosure();
  if (draft.instructions.length === 0) return null;
  return (
    <Group
      className={classes.pending}
      justify="space-between"
      role="region"
      aria-label="Changes that are not saved"
    >
      <LeaveGuard />
      <Text size="sm" fw={600} c={draft.overtaken ? "var(--suspect)" : undefined}>
        {draft.overtaken
          ? "Somebody has changed this flag since you began. Discard your edit to see it."
          : `${counted(draft.instructions.length, "change")} not saved${wrong ? ": mend what is marked first" : ""}`}
      </Text>
      <Group gap="xs">
        <Button variant="default" onClick={draft.discard}>
          Discard
        </Button>
        <Button onClick={open} disabled={draft.overtaken || wrong}>
          Review and save
        </Button>
      </Group>
      <ReviewChange here={here} draft={draft} opened={reviewing} onClose={close} />
    </Group>
  );
}
