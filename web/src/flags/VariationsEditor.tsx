// The variations of a flag while it is made.
import { ActionIcon, Button, Group, Stack, Textarea, TextInput } from "@mantine/core";
import { IconPlus, IconTrash } from "@tabler/icons-react";
import { type EditedVariation, type Kind, wrongValue } from "./variations";

type Props = { kind: Kind; variations: EditedVariation[]; onChange: (list: EditedVariation[]) => void };

export function VariationsEditor({ kind, variations, onChange }: Props) {
  // A boolean flag has exactly the two.
  if (kind === "boolean") return null;
  const set = (at: number, change: Partial<EditedVariation>) =>
    onChange(variations.map((one, index) => (index === at ? { ...one, ...change } : one)));
  return (
    <Stack gap="xs">
      {variations.map(({ name, text }, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a variation is its place
        <Group key={at} gap="xs" align="flex-start" wrap="nowrap">
          <ValueInput
            kind={kind}
            text={text}
            label={`Value ${at + 1}`}
            onChange={(changed) => set(at, { text: changed })}
          />
          <TextInput
            aria-label={`Name of value ${at + 1}`}
            placeholder="name, if it needs one"
            value={name}
            onChange={(event) => set(at, { name: event.currentTarget.value })}
            w={180}
          />
          <ActionIcon
            variant="subtle"
            color="gray"
            size={36}
            aria-label={`Remove value ${at + 1}`}
            disabled={variations.length <= 1}
            onClick={() => onChange(variations.filter((_, index) => index !== at))}
          >
            <IconTrash size={16} />
          </ActionIcon>
        </Group>
      ))}
      <Group>
        <Button
          size="xs"
          variant="default"
          leftSection={<IconPlus size={14} />}
          onClick={() => onChange([...variations, { name: "", text: "" }])}
        >
          One more value
        </Button>
      </Group>
    </Stack>
  );
}

type ValueProps = { kind: Kind; text: string; label: string; onChange: (text: string) => void };

export function ValueInput({ kind, text, label, onChange }: ValueProps) {
  const common = { "aria-label": label, value: text, error: wrongValue(kind, text), style: { flex: 1 } };
  if (kind === "json") {
    return (
      <Textarea
        {...common}
        onChange={(event) => onChange(event.currentTarget.value)}
        autosize
        minRows={2}
        maxRows={12}
        styles={{ input: { fontFamily: "var(--mantine-font-family-monospace)" } }}
      />
    );
  }
  return <TextInput {...common} onChange={(event) => onChange(event.currentTarget.value)} />;
}
