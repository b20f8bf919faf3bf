// Is anything risky right now?
import { SimpleGrid, Stack } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { usePlace } from "../app/place";
import { useNow } from "../lib/now";
import { incidents } from "../oncall/queries/incidents";
import { openReleases, releases } from "../releases/queries/releases";
import { PageHead } from "../ui/PageHead";
import { Failed, Loading } from "../ui/States";
import { DutyCard } from "./DutyCard";
import { IncidentCard } from "./IncidentCard";
import { Quiet } from "./Quiet";
import { ReleaseCard } from "./ReleaseCard";
import { headline, quietSince } from "./words";

const MANY = 100;

export default function NowPage() {
  const now = useNow();
  const wrong = useQuery(incidents({ state: "open", limit: MANY }));
  const walking = useQuery(openReleases);
  const lastWrong = useQuery(incidents({ state: "resolved", limit: 1 })).data?.items[0];
  const lastRelease = useQuery(releases(usePlace(), { limit: 1 })).data?.items[0];
  const failed = [wrong, walking].find(({ isError }) => isError);
  if (failed) return <Failed error={failed.error} retry={() => void failed.refetch()} />;
  if (!wrong.data || !walking.data) return <Loading />;
  const [open, underWay] = [wrong.data.items, walking.data];
  const quiet = open.length === 0 && underWay.length === 0;
  return (
    <>
      <PageHead title="Now" sentence={headline(open, underWay)} />
      <Stack>
        {quiet && <Quiet since={quietSince(lastWrong, lastRelease)} now={now} />}
        <SimpleGrid cols={{ base: 1, md: 2 }} spacing="md">
          {open.map((incident) => (
            <IncidentCard key={incident.id} incident={incident} />
          ))}
          {underWay.map((release) => (
            <ReleaseCard key={release.id} release={release} />
          ))}
          <DutyCard />
        </SimpleGrid>
      </Stack>
    </>
  );
}
