// Where an import comes from: which system, asked with a key of it, or what somebody brought from there.
import { Button, Checkbox, Group, SegmentedControl, Stack } from "@mantine/core";
import { type FormEvent, useMemo, useState } from "react";
import { ProblemNote } from "../../ui/problem";
import { type Asked, AskFields, NOTHING_ASKED } from "./AskFields";
import { type Brought, BroughtFields, NOTHING_BROUGHT } from "./BroughtFields";
import { type Content, contentOf, type Source, type System } from "./source";
import { SYSTEMS } from "./systems";

type Props = {
  error: unknown;
  pending: boolean;
  onSubmit: (source: Source, replace: boolean) => void;
  /** What was refused is no more what the fields hold. */
  onAnother: () => void;
};
type Way = "ask" | "file" | "paste";

const SYSTEM_CHOICE = Object.entries(SYSTEMS).map(([value, { name }]) => ({ value, label: name }));
const UNREADABLE =
  "This file cannot be read: it may have been moved or changed since. Choose it again, or paste its text.";

export function SourceForm({ error, pending, onSubmit, onAnother }: Props) {
  const [system, setSystem] = useState<System>("launchDarkly");
  const [way, setWay] = useState<Way>("ask");
  const [asked, setAsked] = useState<Asked>(NOTHING_ASKED);
  const [brought, setBrought] = useState<Brought>(NOTHING_BROUGHT);
  const [replace, setReplace] = useState(false);
  const { file, text } = brought;
  // A text may be many megabytes, so it is read once.
  const content = useMemo(() => contentIn(system, file, text), [system, file, text]);
  const source = way === "ask" ? askedOf(system, asked) : broughtOf(system, content, brought.from);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (source) onSubmit(source, replace);
  };
  return (
    <form onSubmit={submit}>
      <Stack>
        <ProblemNote error={error} except={["sdkKey", "token", "url", "from"]} />
        <SegmentedControl
          aria-label="Which system"
          data={SYSTEM_CHOICE}
          value={system}
          onChange={(value) => {
            setSystem(value as System);
            setAsked(NOTHING_ASKED);
            onAnother();
          }}
        />
        <SegmentedControl
          aria-label="Where from"
          data={[
            { value: "ask", label: SYSTEMS[system].key.way },
            { value: "file", label: "A file" },
            { value: "paste", label: "Pasted" },
          ]}
          value={way}
          onChange={(value) => {
            setWay(value as Way);
            setBrought(NOTHING_BROUGHT);
            onAnother();
          }}
        />
        {way === "ask" ? (
          <AskFields system={system} asked={asked} error={error} onChange={setAsked} />
        ) : (
          <BroughtFields
            words={SYSTEMS[system].file}
            way={way}
            brought={brought}
            content={content}
            error={error}
            onChange={setBrought}
          />
        )}
        <Checkbox
          label="Change what is here already and differs; its history stays"
          checked={replace}
          onChange={(event) => setReplace(event.currentTarget.checked)}
        />
        <Group justify="flex-end">
          <Button type="submit" loading={pending} disabled={!source}>
            Look through it
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

/** Whom to ask; what is missing, the fields say themselves on the click. */
function askedOf(system: System, { key, url, project }: Asked): Source {
  return system === "unleash" ? { system, token: key, url, project } : { system, sdkKey: key, url };
}

/** What a file or a text holds; undefined while there is neither. */
function contentIn(system: System, file: File | null, text: string | null): Content | undefined {
  if (text === null) return { wrong: UNREADABLE };
  return file || text !== "" ? contentOf(system, text) : undefined;
}

/** What was brought; undefined while it is not whole. */
function broughtOf(system: System, content: Content | undefined, from: string | null): Source | undefined {
  if (!content || "wrong" in content) return undefined;
  const { payload, environments } = content;
  if (environments.length < 2) return { system, payload };
  return from ? { system, payload, from } : undefined;
}
