// An environment's name, and whether customers see it. Its key stays.
import { Button, Checkbox, Group, Modal, Stack, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { ProblemNote, problemAt } from "../../ui/problem";
import { done } from "../../ui/toast";
import { type Environment, useChangeEnvironment } from "../queries/places";

type Props = { project: string; environment: Environment; onClose: () => void };

export function EditEnvironment({ project, environment, onClose }: Props) {
  const [seen] = useState(environment);
  const change = useChangeEnvironment(project, seen);
  const [name, setName] = useState(seen.name);
  const [production, setProduction] = useState(seen.production);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const onSuccess = () => {
      done({ message: `${name} is saved.` });
      onClose();
    };
    change.mutate({ name, production }, { onSuccess });
  };
  return (
    <Modal opened onClose={onClose} title={`Edit ${seen.name}`} centered>
      <form onSubmit={submit}>
        <Stack>
          <ProblemNote error={change.error} except={["name"]} />
          <TextInput
            label="Name"
            required
            withAsterisk={false}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
            error={problemAt(change.error, "name")}
            data-autofocus
          />
          <Checkbox
            label="Customers see it: the console marks it as production"
            checked={production}
            onChange={(event) => setProduction(event.currentTarget.checked)}
          />
          <Group justify="flex-end">
            <Button type="submit" loading={change.isPending}>
              Save
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
