// A page broke: what that means, and the way on.
import { Button, Code, Stack } from "@mantine/core";
import { useRouteError } from "react-router";
import { PageHead } from "../ui/PageHead";

export function Crash() {
  const error = useRouteError();
  return (
    <Stack p="md">
      <PageHead
        title="This page broke"
        sentence="Nothing was changed by that. If Steadfast was updated just now, loading it again helps."
        actions={<Button onClick={() => window.location.reload()}>Load again</Button>}
      />
      <Code block>{error instanceof Error ? error.message : String(error)}</Code>
    </Stack>
  );
}
