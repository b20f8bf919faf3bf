// A list of things that are set up: each told in words, edited in place.
import { Button, Group, Modal, Stack, Text } from "@mantine/core";
import { type ReactNode, useState } from "react";
import { useMay } from "../app/session";
import { Panel } from "../ui/Panel";
import { Empty } from "../ui/States";
import classes from "./oncall.module.css";

type Props<T> = {
  title: string;
  sentence: string;
  /** The verb with its object: "Add a policy". */
  add: string;
  items: T[];
  nameOf: (item: T) => string;
  words: (item: T) => ReactNode;
  actions?: (item: T) => ReactNode;
  /** The form; `item` is absent for a new one. */
  form: (item: T | undefined, close: () => void) => ReactNode;
};

export function Editable<T extends { key: string }>(props: Props<T>) {
  const { title, sentence, add, items, nameOf, words, actions, form } = props;
  const may = useMay("writer");
  const [open, setOpen] = useState<{ item?: T }>();
  const close = () => setOpen(undefined);
  return (
    <Panel
      title={title}
      sentence={sentence}
      actions={may && <Button onClick={() => setOpen({})}>{add}</Button>}
    >
      {items.length === 0 && <Empty>There is none yet.</Empty>}
      <Stack component="ul" gap={0} className={classes.plain}>
        {items.map((item) => (
          <Group
            key={item.key}
            component="li"
            className={classes.item}
            justify="space-between"
            align="flex-start"
          >
            <Stack gap={2} flex="1 1 16rem" miw={0}>
              <Text size="sm" fw={600}>
                {nameOf(item)}{" "}
                <Text span size="sm" c="dimmed" fw={400}>
                  {item.key}
                </Text>
              </Text>
              {words(item)}
            </Stack>
            {may && (
              <Group gap="xs">
                {actions?.(item)}
                <Button
                  size="xs"
                  variant="default"
                  aria-label={`Edit ${nameOf(item)}`}
                  onClick={() => setOpen({ item })}
                >
                  Edit
                </Button>
              </Group>
            )}
          </Group>
        ))}
      </Stack>
      <Modal
        opened={open !== undefined}
        onClose={close}
        title={open?.item ? `Edit ${nameOf(open.item)}` : add}
        size="lg"
      >
        {open && form(open.item, close)}
      </Modal>
    </Panel>
  );
}
