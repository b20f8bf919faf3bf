// Something worth remembering, onto the timeline.
import { Button, Group, Stack, Textarea } from "@mantine/core";
import { useState } from "react";
import { ProblemNote, problemAt } from "../ui/problem";
import { useNote } from "./queries/incidents";

export function NoteForm({ incident }: { incident: string }) {
  const [text, setText] = useState("");
  const note = useNote(incident);
  return (
    <Stack
      component="form"
      gap="xs"
      mb="lg"
      onSubmit={(event) => {
        event.preventDefault();
        note.mutate(text, { onSuccess: () => setText("") });
      }}
    >
      <Textarea
        label="Note"
        placeholder="What you saw, what you tried"
        autosize
        minRows={2}
        maxRows={10}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        error={problemAt(note.error, "/text")}
      />
      <ProblemNote error={note.error} except={["/text"]} />
      <Group justify="flex-end">
        <Button type="submit" variant="default" loading={note.isPending} disabled={text.trim() === ""}>
          Add the note
        </Button>
      </Group>
    </Stack>
  );
}
