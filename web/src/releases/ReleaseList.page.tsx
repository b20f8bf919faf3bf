// The releases of this environment, those under way asked for first.
import { Button, Group, SegmentedControl, Table, Text } from "@mantine/core";
import { IconPlayerPlay } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link, Navigate, useSearchParams } from "react-router";
import { usePlace, useTo } from "../app/place";
import { useMay } from "../app/session";
import { Instant } from "../ui/Instant";
import { ListRow, ListTable } from "../ui/ListTable";
import { MeaningLabel } from "../ui/Meaning";
import { PageHead } from "../ui/PageHead";
import { Empty, Failed, Loading } from "../ui/States";
import { releases } from "./queries/releases";
import { audience, type Release, STATES } from "./words";

export default function ReleaseList() {
  const [search, setSearch] = useSearchParams();
  const to = useTo();
  const start = search.get("start");
  const shown = search.get("show") === "all" ? "all" : "open";
  const after = search.get("after") ?? undefined;
  const filter = { ...(shown === "open" && { state: "open" }), ...(after && { after }) };
  const list = useQuery(releases(usePlace(), filter));
  if (start !== null)
    return <Navigate to={`${to("/releases/new")}?flag=${encodeURIComponent(start)}`} replace />;
  return (
    <>
      <PageHead
        title="Releases"
        sentence="Flags on their way to everyone, watched at each step and taken back when they hurt."
        actions={<Start />}
      />
      <SegmentedControl
        mb="md"
        aria-label="Which releases"
        value={shown}
        onChange={(show) => setSearch(show === "all" ? { show } : {})}
        data={[
          { value: "open", label: "Under way" },
          { value: "all", label: "All" },
        ]}
      />
      {list.isPending && <Loading />}
      {list.isError && <Failed error={list.error} retry={() => void list.refetch()} />}
      {list.data?.items.length === 0 && <Nothing shown={shown} />}
      {list.data && list.data.items.length > 0 && <Releases items={list.data.items} />}
      {list.data?.next && (
        <Group justify="center" mt="md">
          <Button
            component={Link}
            variant="default"
            to={`?${new URLSearchParams({ ...(shown === "all" && { show: shown }), after: list.data.next })}`}
          >
            Older
          </Button>
        </Group>
      )}
    </>
  );
}

function Start() {
  const to = useTo();
  if (!useMay("writer")) return null;
  return (
    <Button component={Link} to={to("/releases/new")} leftSection={<IconPlayerPlay size={18} />}>
      Start a release
    </Button>
  );
}

function Releases({ items }: { items: Release[] }) {
  const to = useTo();
  return (
    <ListTable label="Releases" heads={["Release", "State", "Share", "Began"]} narrow={2}>
      {items.map((release) => {
        const { id, flag, plan, progress, state, createdAt } = release;
        const step = plan.steps[progress.step];
        return (
          <ListRow
            key={id}
            to={to("/releases", id)}
            name={flag}
            below={
              <Text size="xs" c="dimmed">
                {plan.treatmentName} instead of {plan.controlName}, started by {plan.startedBy.name}
              </Text>
            }
          >
            <Table.Td>
              <MeaningLabel meaning={STATES[state].meaning}>{STATES[state].word}</MeaningLabel>
            </Table.Td>
            <Table.Td visibleFrom="sm">{step ? audience(step) : "–"}</Table.Td>
            <Table.Td visibleFrom="sm">
              <Instant at={createdAt} />
            </Table.Td>
          </ListRow>
        );
      })}
    </ListTable>
  );
}

function Nothing({ shown }: { shown: "open" | "all" }) {
  return shown === "open" ? (
    <Empty action={<Link to="?show=all">Look at past releases</Link>}>
      Nothing is on its way in this environment.
    </Empty>
  ) : (
    <Empty action={<Start />}>
      Nothing was released here yet. A release takes a flag from a few people to everyone, step by step, and
      takes it back by itself when a metric gets worse.
    </Empty>
  );
}
