// Nothing is risky: since when, and what one can do with the calm.
import { Button, Stack, Text } from "@mantine/core";
import { IconMoon } from "@tabler/icons-react";
import { Link } from "react-router";
import { useTo } from "../app/place";
import { useMay } from "../app/session";
import { ago, exact } from "../lib/time";

export function Quiet({ since, now }: { since?: string; now: Date }) {
  const to = useTo();
  const may = useMay("writer");
  return (
    <Stack align="center" gap="xs" py="xl" ta="center">
      <IconMoon size={40} stroke={1.2} color="var(--healthy)" aria-hidden />
      <Text fw={600} fz="lg">
        {since ? `All quiet since ${exact(since)}` : "All quiet"}
      </Text>
      <Text c="dimmed">
        {since
          ? `The last release or incident ended ${ago(since, now)}.`
          : "Nothing has been released here yet, and nothing has gone wrong."}
      </Text>
      {may && (
        <Button component={Link} to={to("/releases/new")} variant="default" mt="xs">
          Start a release
        </Button>
      )}
    </Stack>
  );
}
