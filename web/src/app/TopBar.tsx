// Project, environment, search, who is on call, and whether what one sees is live.
import { Button, Group, Kbd, Text, UnstyledButton, VisuallyHidden } from "@mantine/core";
import { IconPlugConnectedX, IconSearch } from "@tabler/icons-react";
import { Link } from "react-router";
import { OnCallNow } from "../oncall/OnCallNow";
import { MeaningLabel } from "../ui/Meaning";
import { openCommands } from "./Commands";
import type { Link as Live } from "./live";
import { PlaceMenus } from "./PlaceMenus";
import { useTo } from "./place";
import { UserMenu } from "./UserMenu";

export function TopBar({ link }: { link: Live }) {
  const to = useTo();
  return (
    <Group h="100%" px={{ base: "xs", sm: "md" }} gap="sm" wrap="nowrap" justify="space-between">
      <Group gap="xs" wrap="nowrap" miw={0}>
        <Link to={to("/now")} aria-label="Steadfast: Now" style={{ display: "inline-flex" }}>
          <img src="/favicon.svg" width={26} height={26} alt="" />
        </Link>
        <PlaceMenus />
      </Group>
      <Group gap="sm" wrap="nowrap">
        <LinkState link={link} />
        <Button
          visibleFrom="md"
          variant="default"
          fw={400}
          c="dimmed"
          leftSection={<IconSearch size={16} />}
          rightSection={<Kbd size="xs">⌘K</Kbd>}
          onClick={openCommands}
        >
          Search or do…
        </Button>
        <UnstyledButton hiddenFrom="md" p={10} onClick={openCommands} aria-label="Search or do">
          <IconSearch size={20} />
        </UnstyledButton>
        <OnCallNow />
        <UserMenu />
      </Group>
    </Group>
  );
}

/** Nothing while live; a word while not, so that stale data is never taken for fresh. */
function LinkState({ link }: { link: Live }) {
  return (
    <div role="status">
      {link === "lost" ? (
        <MeaningLabel meaning="suspect">
          <Text span size="sm" visibleFrom="xs" inherit>
            Reconnecting
          </Text>
          <Text span hiddenFrom="xs">
            <IconPlugConnectedX size={16} aria-hidden />
          </Text>
        </MeaningLabel>
      ) : (
        <VisuallyHidden>{link === "live" ? "Live" : "Connecting"}</VisuallyHidden>
      )}
    </div>
  );
}
