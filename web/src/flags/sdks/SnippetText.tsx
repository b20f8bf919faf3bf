// The code for one SDK, with this server's address and this environment's key filled in.
import { Select, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useSearchParams } from "react-router";
import { usePlace } from "../../app/place";
import { useMay } from "../../app/session";
import { Copy } from "../../ui/Copy";
import { keyName } from "../places/kinds";
import { type KeyKind, keys } from "../queries/places";
import { type Facts, GROUPS, SNIPPETS, type Snippet } from "./snippets";

const LAST = "steadfast-sdk";

/** The SDK that is chosen: by the address, or the last that this browser chose. */
export function useSnippet(): [Snippet, (id: string) => void] {
  const [params, setParams] = useSearchParams();
  const id = params.get("sdk") ?? localStorage.getItem(LAST);
  const snippet = SNIPPETS.find((one) => one.id === id) ?? (SNIPPETS[0] as Snippet);
  const choose = (next: string) => {
    localStorage.setItem(LAST, next);
    setParams(
      (before) => {
        const all = new URLSearchParams(before);
        all.set("sdk", next);
        return all;
      },
      { replace: true },
    );
  };
  return [snippet, choose];
}

/** The environment's key of this sort, for those who may see it: one that does not end. */
export function useKey(kind: KeyKind): string | undefined {
  const list = useQuery({ ...keys(usePlace()), enabled: useMay("writer") }).data;
  return list?.find((key) => key.kind === kind && !key.revokedAt && !key.expiresAt)?.value;
}

export function SnippetSelect({ snippet, onChange }: { snippet: Snippet; onChange: (id: string) => void }) {
  return (
    <Select
      label="SDK"
      data={GROUPS.map(({ name, snippets }) => ({
        group: name,
        items: snippets.map(({ id, name: label }) => ({ value: id, label })),
      }))}
      value={snippet.id}
      onChange={(id) => id && onChange(id)}
      allowDeselect={false}
      searchable
      maw={360}
    />
  );
}

type TextProps = { snippet: Snippet; flag: Pick<Facts, "flag" | "kind" | "fallback"> };

export function SnippetText({ snippet, flag }: TextProps) {
  const key = useKey(snippet.key);
  const placeholder = `YOUR_${keyName(snippet.key).toUpperCase().replace(/\W/g, "_")}`;
  const facts = { base: window.location.origin, key: key ?? placeholder, ...flag };
  return (
    <Stack gap="xs">
      {snippet.install && <Copy text={snippet.install} label="Copy the command" block />}
      <Copy text={snippet.text(facts)} label="Copy the code" block />
      {!key && (
        <Text size="sm" c="dimmed">
          The {keyName(snippet.key)} stands in Settings, for those who may see it.
        </Text>
      )}
      {snippet.key === "sdk" && key && (
        <Text size="sm" c="dimmed">
          The SDK key sees everything: take it from a secret store, not from the code.
        </Text>
      )}
    </Stack>
  );
}
