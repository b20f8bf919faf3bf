// Makes a segment; who is in it is said on its page.
import { Button, Group, Modal, Stack, Switch, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { useNavigate } from "react-router";
import { usePlace, useTo } from "../../app/place";
import { ProblemNote, problemAt } from "../../ui/problem";
import { useCreateSegment } from "../queries/segments";
import { USER } from "../targeting/model";
import { keyFrom } from "../variations";

type Props = { opened: boolean; onClose: () => void };

export function CreateSegment({ opened, onClose }: Props) {
  return (
    <Modal opened={opened} onClose={onClose} title="Create a segment" centered>
      <Form />
    </Modal>
  );
}

function Form() {
  const to = useTo();
  const navigate = useNavigate();
  const create = useCreateSegment(usePlace());
  const [name, setName] = useState("");
  const [key, setKey] = useState<string | null>(null);
  const [description, setDescription] = useState("");
  const [big, setBig] = useState(false);
  const [kind, setKind] = useState(USER);
  const finalKey = key ?? keyFrom(name);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    create.mutate(
      { key: finalKey, name, description, ...(big && { unbounded: true, unboundedContextKind: kind }) },
      { onSuccess: () => navigate(to("/segments", finalKey)) },
    );
  };
  return (
    <form onSubmit={submit}>
      <Stack>
        <ProblemNote error={create.error} except={["name", "key", "description"]} />
        <TextInput
          label="Name"
          placeholder="Internal"
          required
          withAsterisk={false}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          error={problemAt(create.error, "name")}
          data-autofocus
        />
        <TextInput
          label="Key"
          description="Rules name it; it cannot be changed later. Releases begin with the segment internal."
          required
          withAsterisk={false}
          value={finalKey}
          onChange={(event) => setKey(event.currentTarget.value)}
          error={problemAt(create.error, "key")}
        />
        <TextInput
          label="Who they are"
          value={description}
          onChange={(event) => setDescription(event.currentTarget.value)}
          error={problemAt(create.error, "description")}
        />
        <Switch
          label="A big segment"
          description="For up to ten million members, given by the API or a file. It cannot be changed later."
          checked={big}
          onChange={(event) => setBig(event.currentTarget.checked)}
        />
        {big && (
          <TextInput
            label="Kind of its members"
            value={kind}
            onChange={(event) => setKind(event.currentTarget.value)}
            error={problemAt(create.error, "unboundedContextKind")}
          />
        )}
        <Group justify="flex-end">
          <Button type="submit" loading={create.isPending}>
            Create
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
