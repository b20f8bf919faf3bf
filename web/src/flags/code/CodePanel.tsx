// How code asks for the flag, and how often it did.
import { Anchor, Stack } from "@mantine/core";
import { Link } from "react-router";
import { useTo } from "../../app/place";
import { MeaningLabel } from "../../ui/Meaning";
import { Panel } from "../../ui/Panel";
import { SnippetSelect, SnippetText, useSnippet } from "../sdks/SnippetText";
import type { FlagHere } from "../useFlag";

export function CodePanel({ here }: { here: FlagHere }) {
  const to = useTo();
  const [snippet, choose] = useSnippet();
  const flag = {
    flag: here.key,
    kind: here.view.kind,
    fallback: here.variations[here.view.defaults.offVariation]?.value ?? null,
  };
  // Only SDKs on servers evaluate by themselves, and may not be told of the flag.
  const away = here.families.find(
    ({ family, local }) => !local && snippet.key === "sdk" && family === snippet.family,
  );
  return (
    <Panel
      title="In your code"
      sentence={
        <>
          The official SDKs, unmodified; only the address is ours. Which are connected stands{" "}
          <Anchor component={Link} to={to("/sdks")} inherit underline="always">
            on their own page
          </Anchor>
          .
        </>
      }
    >
      <Stack gap="sm">
        <SnippetSelect snippet={snippet} onChange={choose} />
        {away && <MeaningLabel meaning="suspect">{away.why}</MeaningLabel>}
        <SnippetText snippet={snippet} flag={flag} />
      </Stack>
    </Panel>
  );
}
