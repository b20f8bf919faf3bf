// A refusal where it belongs: at the field that it names, and as a note for the rest.
import { Alert, Text } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import { Problem } from "../api/problem";

/** The sentence for the field `pointer` (or anything inside it), if the refusal is about it. */
export function problemAt(error: unknown, pointer: string): string | undefined {
  if (!(error instanceof Problem) || error.field === undefined) return undefined;
  const [field, wanted] = [bare(error.field), bare(pointer)];
  return field === wanted || field.startsWith(`${wanted}/`) ? error.message : undefined;
}

function bare(pointer: string): string {
  return pointer.replace(/^\//, "");
}

type Props = { error: unknown; except?: string[] };

/** The refusal as a note, unless one of the fields in `except` shows it. */
export function ProblemNote({ error, except = [] }: Props) {
  if (!error || except.some((pointer) => problemAt(error, pointer))) return null;
  const said = error instanceof Error ? error : new Error(String(error));
  const [title, hint] = said instanceof Problem ? [said.detail, said.hint] : [said.message, undefined];
  return (
    <Alert color="red" icon={<IconAlertTriangle />} title={title} role="alert">
      {hint && <Text size="sm">{hint}</Text>}
    </Alert>
  );
}
