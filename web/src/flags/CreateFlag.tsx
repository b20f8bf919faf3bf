// Makes a flag: boolean unless said otherwise; it is off everywhere until somebody turns it on.
import {
  Button,
  Checkbox,
  Group,
  Modal,
  SegmentedControl,
  Stack,
  TagsInput,
  Text,
  Textarea,
  TextInput,
} from "@mantine/core";
import { type FormEvent, useState } from "react";
import { useNavigate } from "react-router";
import { usePlace, useTo } from "../app/place";
import { ProblemNote, problemAt } from "../ui/problem";
import { useCreateFlag } from "./queries/flags";
import { VariationsEditor } from "./VariationsEditor";
import { type EditedVariation, type Kind, keyFrom, STARTS, toWire, wrongValues } from "./variations";

type Props = { opened: boolean; onClose: () => void };

export function CreateFlag({ opened, onClose }: Props) {
  return (
    <Modal opened={opened} onClose={onClose} title="Create a flag" size="lg">
      <Form />
    </Modal>
  );
}

const KINDS = [
  { value: "boolean", label: "On or off" },
  { value: "string", label: "Text" },
  { value: "number", label: "Number" },
  { value: "json", label: "JSON" },
];

function Form() {
  const { project } = usePlace();
  const to = useTo();
  const navigate = useNavigate();
  const create = useCreateFlag(project);
  const [name, setName] = useState("");
  const [key, setKey] = useState<string | null>(null);
  const [description, setDescription] = useState("");
  const [tags, setTags] = useState<string[]>([]);
  const [temporary, setTemporary] = useState(true);
  const [kind, setKind] = useState<Kind>("boolean");
  const [variations, setVariations] = useState<EditedVariation[]>(STARTS.boolean);
  const [byUnleash, setByUnleash] = useState(false);
  const finalKey = key ?? keyFrom(name);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const flag = {
      key: finalKey,
      name,
      description,
      tags,
      temporary,
      kind,
      variations: toWire(kind, variations),
      bucketing: byUnleash && kind === "boolean" ? ("unleash" as const) : ("launchDarkly" as const),
    };
    create.mutate(flag, { onSuccess: () => navigate(to("/flags", finalKey)) });
  };
  return (
    <form onSubmit={submit}>
      <Stack>
        <ProblemNote error={create.error} except={["name", "key", "description", "tags", "variations"]} />
        <TextInput
          label="Name"
          placeholder="Checkout, second version"
          required
          withAsterisk={false}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          error={problemAt(create.error, "name")}
          data-autofocus
        />
        <TextInput
          label="Key"
          description="Code asks for the flag by it; it cannot be changed later."
          required
          withAsterisk={false}
          value={finalKey}
          onChange={(event) => setKey(event.currentTarget.value)}
          error={problemAt(create.error, "key")}
          styles={{ input: { fontFamily: "var(--mantine-font-family-monospace)" } }}
        />
        <Stack gap={4}>
          <Text size="sm" fw={500} id="kind">
            It serves
          </Text>
          <SegmentedControl
            aria-labelledby="kind"
            data={KINDS}
            value={kind}
            onChange={(chosen) => {
              setKind(chosen as Kind);
              setVariations(STARTS[chosen as Kind]);
            }}
          />
        </Stack>
        <VariationsEditor kind={kind} variations={variations} onChange={setVariations} />
        {problemAt(create.error, "variations") && <ProblemNote error={create.error} />}
        <Textarea
          label="What it is for"
          value={description}
          onChange={(event) => setDescription(event.currentTarget.value)}
          error={problemAt(create.error, "description")}
          autosize
        />
        <TagsInput label="Tags" value={tags} onChange={setTags} error={problemAt(create.error, "tags")} />
        <Checkbox
          label="Temporary: to be removed once everybody has the new behaviour"
          checked={temporary}
          onChange={(event) => setTemporary(event.currentTarget.checked)}
        />
        {kind === "boolean" && (
          <Checkbox
            label="By Unleash’s rules: strategies decide, as Unleash’s SDKs evaluate them"
            description="It cannot be changed later, and LaunchDarkly’s server SDKs are not told of such a flag."
            checked={byUnleash}
            onChange={(event) => setByUnleash(event.currentTarget.checked)}
          />
        )}
        <Group justify="flex-end">
          <Button type="submit" loading={create.isPending} disabled={wrongValues(kind, variations)}>
            Create
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
