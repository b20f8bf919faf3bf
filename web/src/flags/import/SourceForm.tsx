// Where an import comes from: LaunchDarkly itself by SDK key, or a file of what it answers.
import { Button, Checkbox, FileInput, Group, SegmentedControl, Stack, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { ProblemNote, problemAt } from "../../ui/problem";
import type { Source } from "./source";

type Props = { error: unknown; pending: boolean; onSubmit: (source: Source, replace: boolean) => void };
type Kind = Source["kind"];

const KINDS = [
  { value: "address", label: "By SDK key" },
  { value: "file", label: "From a file" },
];

export function SourceForm({ error, pending, onSubmit }: Props) {
  const [kind, setKind] = useState<Kind>("address");
  const [sdkKey, setSdkKey] = useState("");
  const [url, setUrl] = useState("");
  const [file, setFile] = useState<File | null>(null);
  const [replace, setReplace] = useState(false);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (kind === "address") onSubmit({ kind, sdkKey, url }, replace);
    else if (file) onSubmit({ kind, file }, replace);
  };
  return (
    <form onSubmit={submit}>
      <Stack>
        <ProblemNote error={error} except={["sdkKey", "url"]} />
        <SegmentedControl
          aria-label="Where from"
          data={KINDS}
          value={kind}
          onChange={(value) => setKind(value as Kind)}
        />
        {kind === "address" ? (
          <>
            <TextInput
              label="SDK key"
              description="Of the environment there, for servers: sdk-…. It is used once and not kept."
              required
              withAsterisk={false}
              type="password"
              autoComplete="off"
              value={sdkKey}
              onChange={(event) => setSdkKey(event.currentTarget.value)}
              error={problemAt(error, "sdkKey")}
            />
            <TextInput
              label="Address"
              description="LaunchDarkly's own if empty."
              placeholder="https://sdk.launchdarkly.com"
              type="url"
              value={url}
              onChange={(event) => setUrl(event.currentTarget.value)}
              error={problemAt(error, "url")}
            />
          </>
        ) : (
          <FileInput
            label="File"
            description="What /sdk/latest-all answers, as JSON."
            placeholder="Choose a file"
            accept="application/json,.json"
            required
            withAsterisk={false}
            value={file}
            onChange={setFile}
          />
        )}
        <Checkbox
          label="Change what is here already and differs; its history stays"
          checked={replace}
          onChange={(event) => setReplace(event.currentTarget.checked)}
        />
        <Group justify="flex-end">
          <Button type="submit" loading={pending} disabled={kind === "file" && !file}>
            Look through it
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
