// One of a list: what it says, and its editor when it is opened.
import { Button, Group, Stack } from "@mantine/core";
import { IconPencil, IconTrash } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { Mend } from "./Mend";
import { Tool } from "./Tool";
import classes from "./targeting.module.css";

type Props = {
  /** What it is called in the labels of its buttons: `strategy 2`. */
  what: string;
  summary: ReactNode;
  /** What is to be mended inside; the open editor says it at its field. */
  wrong?: string;
  readOnly: boolean;
  open: boolean;
  onOpen: () => void;
  onRemove: () => void;
  /** The editor. */
  children: ReactNode;
};

export function Card({ what, summary, wrong, readOnly, open, onOpen, onRemove, children }: Props) {
  return (
    <li className={classes.rule} data-open={open || undefined}>
      <Group justify="space-between" align="flex-start" gap="xs" wrap="nowrap">
        <Stack gap={2} justify="center" mih={32} style={{ flex: "1 1 auto", minWidth: 0 }}>
          {summary}
          {!open && wrong && <Mend>{wrong}</Mend>}
        </Stack>
        {!readOnly && (
          <Group gap={2} wrap="nowrap">
            <Tool label={`Edit ${what}`} icon={IconPencil} onClick={onOpen} pressed={open} />
            <Tool label={`Remove ${what}`} icon={IconTrash} onClick={onRemove} />
          </Group>
        )}
      </Group>
      {open && !readOnly && (
        <Stack gap="sm" mt="sm">
          {children}
          <Group>
            <Button size="xs" onClick={onOpen}>
              Done
            </Button>
          </Group>
        </Stack>
      )}
    </li>
  );
}
