// What one can tell a release to do; each says its reach before the click.
import { Stack, Text, TextInput } from "@mantine/core";
import {
  IconArrowBackUp,
  IconPlayerPause,
  IconPlayerPlay,
  IconPlayerSkipForward,
  IconPlayerStop,
} from "@tabler/icons-react";
import { useState } from "react";
import { Confirm } from "../ui/Confirm";
import { done } from "../ui/toast";
import { type Command, useCommand } from "./queries/releases";
import { audience, type Release, reachOf, STATES } from "./words";

const LOOKS: Record<
  Command,
  { icon: typeof IconPlayerPlay; color: string; variant: "default" | "filled" | "outline" }
> = {
  hold: { icon: IconPlayerPause, color: "ink", variant: "default" },
  resume: { icon: IconPlayerPlay, color: "ink", variant: "filled" },
  skip: { icon: IconPlayerSkipForward, color: "ink", variant: "default" },
  abort: { icon: IconPlayerStop, color: "red", variant: "default" },
  "roll-back": { icon: IconArrowBackUp, color: "red", variant: "outline" },
};

export function Commands({ release }: { release: Release }) {
  return offered(release).map((command) => <One key={command} command={command} release={release} />);
}

/** What makes sense in each state. */
function offered({ state, progress }: Release): Command[] {
  switch (state) {
    case "walking":
      return ["hold", "skip", "abort", "roll-back"];
    case "held":
      return [
        ...(progress.hold?.reason === "regressed" ? [] : ["resume" as const]),
        "skip",
        "abort",
        "roll-back",
      ];
    case "completed":
      return ["roll-back"];
    default:
      return [];
  }
}

function One({ command, release }: { command: Command; release: Release }) {
  const [comment, setComment] = useState("");
  const tell = useCommand(release.id, (command, after) => done({ message: saidOf(command, after) }));
  const { icon: Icon, color, variant } = LOOKS[command];
  const verb = verbOf(command, release);
  return (
    <Confirm
      verb={verb}
      color={color}
      variant={variant}
      leftSection={<Icon size={16} />}
      loading={tell.isPending}
      onConfirm={() => tell.mutate({ command, comment })}
      consequence={
        <Stack gap="sm">
          <Text size="sm">{reachOf(command, release)}</Text>
          <TextInput
            label="Why (optional)"
            value={comment}
            onChange={(event) => setComment(event.currentTarget.value)}
          />
        </Stack>
      }
    />
  );
}

function verbOf(command: Command, { plan, progress }: Release): string {
  const next = plan.steps[progress.step + 1];
  switch (command) {
    case "hold":
      return "Hold";
    case "resume":
      return "Resume";
    case "skip":
      return next ? `Skip to ${audience(next)}` : "Skip to the end";
    case "abort":
      return "Abort";
    case "roll-back":
      return "Roll back";
  }
}

function saidOf(command: Command, { flag, state, plan, progress }: Release): string {
  const step = plan.steps[progress.step];
  const share = step ? audience(step) : "nobody";
  if (command === "abort" || command === "roll-back") {
    return `The release of ${flag} is ${STATES[state].word.toLowerCase()}: nobody has ${plan.treatmentName} any more.`;
  }
  return `The release of ${flag} is ${STATES[state].word.toLowerCase()} with ${share}.`;
}
