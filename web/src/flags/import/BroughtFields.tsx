// What somebody brought from another system: a file of it, or its text; and of an export, which environment is meant.
import { FileInput, Select, Textarea } from "@mantine/core";
import { useRef } from "react";
import { problemAt } from "../../ui/problem";
import type { Content } from "./source";

/** `text` is null where the file cannot be read. */
export type Brought = { file: File | null; text: string | null; from: string | null };

export const NOTHING_BROUGHT: Brought = { file: null, text: "", from: null };

type Props = {
  /** What it must be, in words. */
  words: string;
  way: "file" | "paste";
  brought: Brought;
  /** What the text holds; undefined while there is none. */
  content: Content | undefined;
  error: unknown;
  onChange: (brought: Brought) => void;
};

export function BroughtFields({ words, way, brought, content, error, onChange }: Props) {
  const { file, text, from } = brought;
  const environments = content && "environments" in content ? content.environments : [];
  const common = { description: words, error: content && "wrong" in content && content.wrong };
  const latest = useRef<File | null>(null);
  const reset = useRef<() => void>(null);
  const choose = async (chosen: File | null) => {
    latest.current = chosen;
    // A browser keeps quiet when the same file is chosen again, and what is in it may have been mended.
    reset.current?.();
    const read = chosen ? await chosen.text().catch(() => null) : "";
    // Of two files that are chosen in a hurry the later one counts, however long each takes to read.
    if (latest.current === chosen) onChange({ file: chosen, text: read, from: null });
  };
  return (
    <>
      {way === "file" ? (
        <FileInput
          label="File"
          placeholder="Choose a file"
          accept="application/json,.json"
          value={file}
          resetRef={reset}
          onChange={(chosen) => void choose(chosen)}
          {...common}
        />
      ) : (
        <Textarea
          label="Text"
          value={text ?? ""}
          onChange={(event) => onChange({ file: null, text: event.currentTarget.value, from: null })}
          rows={8}
          spellCheck={false}
          styles={{ input: { fontFamily: "var(--mantine-font-family-monospace)", fontSize: "0.8125rem" } }}
          {...common}
        />
      )}
      {environments.length > 1 && (
        <Select
          label="Environment there"
          description="The export holds several."
          placeholder="Choose one"
          data={environments}
          value={from}
          onChange={(chosen) => onChange({ ...brought, from: chosen })}
          allowDeselect={false}
          error={problemAt(error, "from")}
        />
      )}
    </>
  );
}
