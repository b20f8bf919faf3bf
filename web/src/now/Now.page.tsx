// Is anything risky right now?
import { SimpleGrid, Stack } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { usePlace } from "../app/place";
import { useNow } from "../lib/now";
import { PageHead } from "../ui/PageHead";
import { Failed, Loading } from "../ui/States";
import { DutyCard } from "./DutyCard";
import { IncidentCard } from "./IncidentCard";
import { Quiet } from "./Quiet";
import { lastRelease, openIncidents, openReleases, pastIncident } from "./queries";
import { ReleaseCard } from "./ReleaseCard";
import { headline, quietSince } from "./words";

export default function NowPage() {
  const now = useNow();
  const incidents = useQuery(openIncidents);
  const releases = useQuery(openReleases);
  const last = useQuery(pastIncident);
  const ended = useQuery(lastRelease(usePlace()));
  const failed = [incidents, releases].find(({ isError }) => isError);
  if (failed) return <Failed error={failed.error} retry={() => void failed.refetch()} />;
  if (!incidents.data || !releases.data) return <Loading />;
  const quiet = incidents.data.length === 0 && releases.data.length === 0;
  return (
    <>
      <PageHead title="Now" sentence={headline(incidents.data, releases.data)} />
      <Stack>
        {quiet && <Quiet since={quietSince(last.data, ended.data)} now={now} />}
        <SimpleGrid cols={{ base: 1, md: 2 }} spacing="md">
          {incidents.data.map((incident) => (
            <IncidentCard key={incident.id} incident={incident} />
          ))}
          {releases.data.map((release) => (
            <ReleaseCard key={release.id} release={release} />
          ))}
          <DutyCard />
        </SimpleGrid>
      </Stack>
    </>
  );
}
