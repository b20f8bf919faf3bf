// How often the flag was evaluated here, what came out, and what was changed meanwhile.
import { SegmentedControl, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useSearchParams } from "react-router";
import { binned } from "../../lib/bins";
import { CountChart } from "../../ui/CountChart";
import { Panel } from "../../ui/Panel";
import { Empty, Failed, Loading } from "../../ui/States";
import { changesOf } from "../queries/changes";
import { evaluations, RANGES, type Range } from "../queries/seen";
import { nameOf } from "../targeting/model";
import type { FlagHere } from "../useFlag";
import { colourOf } from "../VariationDot";
import { marksOf } from "./marks";

const HOUR: Range = "hour";

export function Evaluations({ here }: { here: FlagHere }) {
  const [params, setParams] = useSearchParams();
  const range = RANGES.find(({ value }) => value === params.get("range"))?.value ?? HOUR;
  const counted = useQuery(evaluations(here.place, here.key, range));
  const choose = (value: string) =>
    setParams((before) => {
      const next = new URLSearchParams(before);
      if (value === HOUR) next.delete("range");
      else next.set("range", value);
      return next;
    });
  return (
    <Panel
      title="Evaluations by variation"
      sentence={`As SDKs counted them in ${here.place.environment}.`}
      actions={
        <SegmentedControl
          aria-label="Time range"
          size="xs"
          data={RANGES.map(({ value, label }) => ({ value, label }))}
          value={range}
          onChange={choose}
        />
      }
    >
      {counted.isPending && <Loading rows={5} />}
      {counted.isError && <Failed error={counted.error} retry={() => void counted.refetch()} />}
      {counted.data?.items.length === 0 && (
        <Empty>None. SDKs tell every few seconds, once code asks for the flag.</Empty>
      )}
      {counted.data && counted.data.items.length > 0 && <Chart here={here} {...counted.data} />}
    </Panel>
  );
}

type ChartProps = {
  here: FlagHere;
  from: number;
  until: number;
  bins: number;
  items: Evaluated[];
};

type Evaluated = { start: string; variation?: number | null; variant?: string | null; n: number };

function Chart({ here, from, until, bins: count, items }: ChartProps) {
  const changes = useQuery(changesOf(here.place, here.key)).data ?? [];
  const told = [...new Map(items.map((one) => [given(one), one])).values()].sort(byVariation);
  const variants = told.flatMap(({ variant }) => variant ?? []);
  const series = told.map((one) => ({
    name: given(one),
    label: one.variant ?? nameOf(here.variations, one.variation ?? null),
    // After those of the variations, of which a flag with variants has two.
    color: colourOf(
      one.variant ? here.variations.length + variants.indexOf(one.variant) : (one.variation ?? null),
    ),
  }));
  const counts = items.map((one) => ({ start: one.start, n: one.n, series: given(one) }));
  const names = series.map(({ name }) => name);
  const bins = binned(counts, names, from, until, count);
  const marks = marksOf(bins, changes);
  const total = items.reduce((sum, { n }) => sum + n, 0);
  return (
    <>
      <Text size="sm" mb="xs">
        {total.toLocaleString("en")} {total === 1 ? "evaluation" : "evaluations"}
        {marks.length > 0 && "; the lines are changes of this flag, by their number"}.
      </Text>
      <CountChart
        label={`Evaluations of ${here.view.name} by variation`}
        bins={bins}
        series={series}
        marks={marks}
      />
    </>
  );
}

/** What an evaluation gave, as a name of a series: a variation, perhaps with a variant. */
function given({ variation, variant }: Evaluated): string {
  return variant ? `${variation}, ${variant}` : String(variation ?? null);
}

function byVariation(a: Evaluated, b: Evaluated): number {
  return (a.variation ?? -1) - (b.variation ?? -1) || (a.variant ?? "").localeCompare(b.variant ?? "");
}
