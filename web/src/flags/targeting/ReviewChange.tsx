// The edit in words, whom it reaches, and why: then it is saved.
import { Button, Group, List, Modal, Stack, Text, Textarea } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { ProblemNote, problemAt } from "../../ui/problem";
import { Loading } from "../../ui/States";
import { preview, useChangeConfiguration } from "../queries/flags";
import type { Draft } from "../useDraft";
import type { FlagHere } from "../useFlag";
import { useTold } from "../useTold";
import type { Configuration } from "./model";
import { Reach } from "./Reach";

type Props = { here: FlagHere; draft: Draft<Configuration>; opened: boolean; onClose: () => void };

export function ReviewChange({ opened, onClose, ...rest }: Props) {
  return (
    <Modal opened={opened} onClose={onClose} title="Review and save" size="lg" centered>
      <Review {...rest} onClose={onClose} />
    </Modal>
  );
}

function Review({ here, draft, onClose }: Omit<Props, "opened">) {
  const { instructions, version } = draft;
  const shown = useQuery(preview(here.place, here.key, { instructions, version }));
  const save = useChangeConfiguration(here.place, here.key, { shown: true });
  const told = useTold();
  const [comment, setComment] = useState("");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate(
      { instructions, version, comment: comment || undefined },
      {
        onSuccess: (edited) => {
          draft.discard();
          onClose();
          told(edited, `${here.view.name} is changed`);
        },
      },
    );
  };
  return (
    <form onSubmit={submit}>
      <Stack>
        {shown.isPending && <Loading rows={2} />}
        <ProblemNote error={shown.error} />
        {shown.data && (
          <List type="ordered" size="sm" spacing={4} aria-label="What changes">
            {shown.data.sentences.map((sentence) => (
              <List.Item key={sentence}>{sentence}</List.Item>
            ))}
          </List>
        )}
        {shown.data?.reach && <Reach reach={shown.data.reach} />}
        <Textarea
          label="Why"
          description="It stands in the history, for whoever wonders later."
          value={comment}
          onChange={(event) => setComment(event.currentTarget.value)}
          error={problemAt(save.error, "comment")}
          autosize
          minRows={2}
          data-autofocus
        />
        <ProblemNote error={save.error} except={["comment"]} />
        <Group justify="space-between">
          <Text size="sm" c="dimmed">
            {here.place.environment}: every SDK has it within a second.
          </Text>
          <Group gap="xs">
            <Button variant="default" onClick={onClose}>
              Back
            </Button>
            <Button type="submit" loading={save.isPending} disabled={!shown.isSuccess}>
              Save
            </Button>
          </Group>
        </Group>
      </Stack>
    </form>
  );
}
