// New projects and environments.
import { Button, Checkbox, Group, Modal, Stack, TextInput } from "@mantine/core";
import { type FormEvent, type ReactNode, useState } from "react";
import { useNavigate } from "react-router";
import { address } from "../../app/place";
import { ProblemNote, problemAt } from "../../ui/problem";
import { useCreateEnvironment, useCreateProject } from "../queries/places";
import { keyFrom } from "../variations";

type Props = { opened: boolean; onClose: () => void };

/** The first environment that a new project has. */
const FIRST = "test";

export function ProjectForm({ opened, onClose }: Props) {
  const create = useCreateProject();
  const navigate = useNavigate();
  return (
    <Modal opened={opened} onClose={onClose} title="Add a project" centered>
      <Named
        example="Shop"
        error={create.error}
        pending={create.isPending}
        onSubmit={(named) =>
          create.mutate(named, {
            onSuccess: () => navigate(address({ project: named.key, environment: FIRST }, "/flags")),
          })
        }
      />
    </Modal>
  );
}

export function EnvironmentForm({ project, opened, onClose }: Props & { project: string }) {
  const create = useCreateEnvironment(project);
  const [production, setProduction] = useState(false);
  return (
    <Modal opened={opened} onClose={onClose} title="Add an environment" centered>
      <Named
        example="Staging"
        error={create.error}
        pending={create.isPending}
        onSubmit={(named) => create.mutate({ ...named, production }, { onSuccess: onClose })}
      >
        <Checkbox
          label="Customers see it: the console marks it as production"
          checked={production}
          onChange={(event) => setProduction(event.currentTarget.checked)}
        />
      </Named>
    </Modal>
  );
}

type NamedProps = {
  example: string;
  error: unknown;
  pending: boolean;
  onSubmit: (named: { key: string; name: string }) => void;
  children?: ReactNode;
};

function Named({ example, error, pending, onSubmit, children }: NamedProps) {
  const [name, setName] = useState("");
  const [key, setKey] = useState<string | null>(null);
  const finalKey = key ?? keyFrom(name);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onSubmit({ name, key: finalKey });
  };
  return (
    <form onSubmit={submit}>
      <Stack>
        <ProblemNote error={error} except={["name", "key"]} />
        <TextInput
          label="Name"
          placeholder={example}
          required
          withAsterisk={false}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          error={problemAt(error, "name")}
          data-autofocus
        />
        <TextInput
          label="Key"
          description="It stands in addresses; it cannot be changed later."
          required
          withAsterisk={false}
          value={finalKey}
          onChange={(event) => setKey(event.currentTarget.value)}
          error={problemAt(error, "key")}
        />
        {children}
        <Group justify="flex-end">
          <Button type="submit" loading={pending}>
            Add
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
