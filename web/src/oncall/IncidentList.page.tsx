// Every incident, the open ones first asked for.
import { Button, Group, SegmentedControl, Table, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link, useSearchParams } from "react-router";
import { useTo } from "../app/place";
import { duration } from "../lib/time";
import { Instant } from "../ui/Instant";
import { ListRow, ListTable } from "../ui/ListTable";
import { MeaningLabel } from "../ui/Meaning";
import { PageHead } from "../ui/PageHead";
import { Empty, Failed, Loading } from "../ui/States";
import { incidents } from "./queries/incidents";
import { type Incident, owner, STATES } from "./words";

export default function IncidentList() {
  const [search, setSearch] = useSearchParams();
  const shown = search.get("show") === "all" ? "all" : "open";
  const after = search.get("after") ?? undefined;
  const filter = { ...(shown === "open" && { state: "open" }), ...(after && { after }) };
  const list = useQuery(incidents(filter));
  return (
    <>
      <PageHead title="Incidents" sentence="What is wrong, and who has it in hand." />
      <SegmentedControl
        mb="md"
        aria-label="Which incidents"
        value={shown}
        onChange={(show) => setSearch(show === "all" ? { show } : {})}
        data={[
          { value: "open", label: "Open" },
          { value: "all", label: "All" },
        ]}
      />
      {list.isPending && <Loading />}
      {list.isError && <Failed error={list.error} retry={() => void list.refetch()} />}
      {list.data?.items.length === 0 && <Nothing shown={shown} />}
      {list.data && list.data.items.length > 0 && (
        <>
          <Incidents items={list.data.items} />
          {list.data.next && <Older show={shown} after={list.data.next} />}
        </>
      )}
    </>
  );
}

function Incidents({ items }: { items: Incident[] }) {
  const to = useTo();
  return (
    <ListTable label="Incidents" heads={["Incident", "State", "Began", "Took"]} narrow={2}>
      {items.map((incident) => (
        <ListRow
          key={incident.id}
          to={to("/incidents", incident.id)}
          name={`${incident.number}: ${incident.title}`}
          below={
            <Text size="xs" c="dimmed">
              {incident.service}, {incident.urgency} urgency, {owner(incident)}
            </Text>
          }
        >
          <Table.Td>
            <MeaningLabel meaning={STATES[incident.state].meaning}>
              {STATES[incident.state].word}
            </MeaningLabel>
          </Table.Td>
          <Table.Td visibleFrom="sm">
            <Instant at={incident.times.started ?? incident.times.detected} />
          </Table.Td>
          <Table.Td visibleFrom="sm">
            {incident.spans.toRecoverMs == null ? "–" : duration(incident.spans.toRecoverMs)}
          </Table.Td>
        </ListRow>
      ))}
    </ListTable>
  );
}

function Older({ show, after }: { show: string; after: string }) {
  const query = new URLSearchParams({ ...(show === "all" && { show }), after });
  return (
    <Group justify="center" mt="md">
      <Button component={Link} to={`?${query}`} variant="default">
        Older
      </Button>
    </Group>
  );
}

function Nothing({ shown }: { shown: "open" | "all" }) {
  const to = useTo();
  return shown === "open" ? (
    <Empty action={<Link to="?show=all">Look at past incidents</Link>}>
      Nothing is wrong: no incident is open.
    </Empty>
  ) : (
    <Empty action={<Link to={to("/on-call")}>See who would be paged</Link>}>
      There has been no incident. A guard opens one when a release hurts; so does an alert sent to
      /api/alerts.
    </Empty>
  );
}
