// A button whose consequence is said before it is done. For what cannot be undone, a word must be typed.
import { Button, type ButtonProps, Group, Modal, Stack, Text, TextInput } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { type ReactNode, useState } from "react";

type Props = {
  /** A verb with its object: "Roll back to version 41". It stands on both buttons. */
  verb: string;
  /** What will happen, with its reach. */
  consequence: ReactNode;
  onConfirm: () => void;
  /** To be typed first; only for what cannot be undone. */
  word?: string;
  /** What stands on the first button, if not the verb. */
  children?: ReactNode;
} & Pick<ButtonProps, "variant" | "color" | "size" | "disabled" | "loading" | "leftSection">;

export function Confirm({ verb, consequence, onConfirm, word, children, color = "red", ...button }: Props) {
  const [opened, { open, close }] = useDisclosure();
  return (
    <>
      <Button color={color} onClick={open} {...button}>
        {children ?? verb}
      </Button>
      <Modal opened={opened} onClose={close} title={verb} centered>
        <Question word={word} consequence={consequence} onCancel={close}>
          {(ready) => (
            <Button
              color={color}
              disabled={!ready}
              onClick={() => {
                close();
                onConfirm();
              }}
            >
              {verb}
            </Button>
          )}
        </Question>
      </Modal>
    </>
  );
}

type QuestionProps = {
  word?: string;
  consequence: ReactNode;
  onCancel: () => void;
  children: (ready: boolean) => ReactNode;
};

function Question({ word, consequence, onCancel, children }: QuestionProps) {
  const [typed, setTyped] = useState("");
  return (
    <Stack>
      <Text component="div" size="sm">
        {consequence}
      </Text>
      {word && (
        <TextInput
          label={`Type ${word} to go on`}
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
          autoComplete="off"
          data-autofocus
        />
      )}
      <Group justify="flex-end">
        <Button variant="default" onClick={onCancel}>
          Leave it
        </Button>
        {children(word === undefined || typed === word)}
      </Group>
    </Stack>
  );
}
