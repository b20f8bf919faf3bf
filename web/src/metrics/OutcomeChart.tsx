// A metric's events over time, with what was changed meanwhile.
import { Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { usePlace } from "../app/place";
import { type Bin, binned, binOf } from "../lib/bins";
import { CountChart, type Mark } from "../ui/CountChart";
import { Failed, Loading } from "../ui/States";
import { BINS, changesSince, type Metric, outcomes } from "./queries";

const SERIES = "events";

export function OutcomeChart({ metric, minutes }: { metric: Metric; minutes: number }) {
  const place = usePlace();
  const counted = useQuery(outcomes(place, metric.key, minutes));
  const changes = useQuery(changesSince(place, minutes)).data ?? [];
  if (counted.isPending) return <Loading rows={5} />;
  if (counted.isError) return <Failed error={counted.error} retry={() => void counted.refetch()} />;
  const { from, until, items } = counted.data;
  const bins = binned(
    items.map(({ start, n }) => ({ start, n, series: SERIES })),
    [SERIES],
    from,
    until,
    BINS,
  );
  const total = items.reduce((sum, { n }) => sum + n, 0);
  const marks = marked(bins, changes);
  return (
    <Stack gap="xs">
      <Text size="sm">
        {total.toLocaleString("en")} {total === 1 ? "event" : "events"}
        {marks.length > 0 && "; the lines are changes of flags, by their number"}.
      </Text>
      <CountChart
        label={`Events of ${metric.name} over time`}
        bins={bins}
        series={[{ name: SERIES, label: "Events", color: "var(--mantine-primary-color-filled)" }]}
        marks={marks}
      />
    </Stack>
  );
}

type Change = { seq: number; at: string; noun: string };

/** One mark for each bin in which something changed what a flag does. */
function marked(bins: Bin[], changes: Change[]): Mark[] {
  const byBin = new Map<number, Change[]>();
  for (const change of changes) {
    const bin = binOf(bins, change.at);
    const told = change.noun === "configuration" || change.noun === "flag";
    if (told && bin !== undefined) byBin.set(bin, [...(byBin.get(bin) ?? []), change]);
  }
  return [...byBin].map(([at, list]) => ({
    at,
    label: list.length === 1 ? `${list[0]?.seq}` : `${list.length} changes`,
  }));
}
