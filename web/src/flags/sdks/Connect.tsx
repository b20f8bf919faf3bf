// From nothing to a connected SDK: choose it, take its code along, watch it come.
import { Anchor, Stack, Text } from "@mantine/core";
import { Link } from "react-router";
import { usePlace, useTo } from "../../app/place";
import { Copy } from "../../ui/Copy";
import { Panel } from "../../ui/Panel";
import { KINDS } from "../places/kinds";
import { Check } from "./Check";
import { SnippetSelect, SnippetText, useKey, useSnippet } from "./SnippetText";
import type { Sdk } from "./words";

/** There is no flag of this name: whoever takes the code along writes their own. */
const FLAG = { flag: "my-flag", kind: "boolean", fallback: false } as const;

export function Connect({ list }: { list: Sdk[] }) {
  const { environment } = usePlace();
  const [snippet, choose] = useSnippet();
  return (
    <Stack>
      <Panel
        title="In your code"
        sentence={`The official SDK, unmodified: only the address and the key are those of ${environment}.`}
      >
        <Stack gap="sm">
          <SnippetSelect snippet={snippet} onChange={choose} />
          <SnippetText snippet={snippet} flag={FLAG} />
          <Check snippet={snippet} list={list} />
        </Stack>
      </Panel>
      <EnvironmentKeys />
    </Stack>
  );
}

function EnvironmentKeys() {
  const to = useTo();
  return (
    <Panel
      title="Keys"
      sentence={
        <>
          By its key an SDK says which environment it runs in. They are rotated and revoked{" "}
          <Anchor component={Link} to={to("/settings/project")} inherit underline="always">
            in the settings
          </Anchor>
          .
        </>
      }
    >
      <Stack gap="sm">
        {KINDS.map(({ kind, name, what }) => (
          <Stack key={kind} gap={2}>
            <Text size="sm">
              <b>{name}</b> <Text span c="dimmed">{`· ${what}`}</Text>
            </Text>
            <KeyOf kind={kind} name={name} />
          </Stack>
        ))}
      </Stack>
    </Panel>
  );
}

function KeyOf({ kind, name }: { kind: (typeof KINDS)[number]["kind"]; name: string }) {
  const key = useKey(kind);
  if (!key) {
    return (
      <Text size="sm" c="dimmed">
        None that you may see.
      </Text>
    );
  }
  return <Copy text={key} label={`Copy the ${name}`} hidden={kind !== "clientSide"} />;
}
