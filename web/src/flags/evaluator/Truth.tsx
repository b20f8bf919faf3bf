// Whether something held: by its icon and a word, never by colour alone.
import { Group, VisuallyHidden } from "@mantine/core";
import { IconArrowRight, IconCheck, IconMinus, IconQuestionMark, IconX } from "@tabler/icons-react";
import type { ReactNode } from "react";
import type { TruthWord } from "./told";

const LOOKS: Record<TruthWord, { icon: typeof IconX; word: string; colour: string }> = {
  decided: { icon: IconArrowRight, word: "decided: ", colour: "var(--mantine-color-text)" },
  holds: { icon: IconCheck, word: "true: ", colour: "var(--healthy)" },
  fails: { icon: IconX, word: "false: ", colour: "var(--regressed)" },
  unseen: { icon: IconMinus, word: "not looked at: ", colour: "var(--unknown)" },
  unknown: { icon: IconQuestionMark, word: "cannot be told: ", colour: "var(--suspect)" },
};

type Props = { truth: TruthWord; small?: boolean; children: ReactNode };

export function Truth({ truth, small = false, children }: Props) {
  const { icon: Icon, word, colour } = LOOKS[truth];
  return (
    <Group gap={6} wrap="nowrap" align="flex-start" c={truth === "unseen" ? "dimmed" : undefined}>
      <Icon
        size={small ? 14 : 16}
        color={colour}
        aria-hidden
        style={{ flexShrink: 0, marginTop: small ? 2 : 3 }}
      />
      <div style={{ minWidth: 0, lineHeight: 1.35 }}>
        <VisuallyHidden>{word}</VisuallyHidden>
        {children}
      </div>
    </Group>
  );
}
