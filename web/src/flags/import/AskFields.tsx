// Whom the server asks, and with which key.
import { TextInput } from "@mantine/core";
import { problemAt } from "../../ui/problem";
import type { System } from "./source";
import { SYSTEMS } from "./systems";

export type Asked = { key: string; url: string; project: string };

export const NOTHING_ASKED: Asked = { key: "", url: "", project: "" };

type Props = { system: System; asked: Asked; error: unknown; onChange: (asked: Asked) => void };

export function AskFields({ system, asked, error, onChange }: Props) {
  const { key, url } = SYSTEMS[system];
  return (
    <>
      <TextInput
        label={key.label}
        description={key.description}
        placeholder={key.placeholder}
        required
        withAsterisk={false}
        type="password"
        autoComplete="off"
        value={asked.key}
        onChange={(event) => onChange({ ...asked, key: event.currentTarget.value })}
        error={problemAt(error, key.field)}
      />
      <TextInput
        label="Address"
        description={url.description}
        placeholder={url.placeholder}
        required={url.required}
        withAsterisk={false}
        type="url"
        value={asked.url}
        onChange={(event) => onChange({ ...asked, url: event.currentTarget.value })}
        error={problemAt(error, "url")}
      />
      {system === "unleash" && (
        <TextInput
          label="Project there"
          description="All that the token opens if empty."
          value={asked.project}
          onChange={(event) => onChange({ ...asked, project: event.currentTarget.value })}
        />
      )}
    </>
  );
}
