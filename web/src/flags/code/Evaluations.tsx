// How often the flag was evaluated in the last hour, and what came out.
import { useQuery } from "@tanstack/react-query";
import { binned } from "../../lib/bins";
import { CountChart } from "../../ui/CountChart";
import { Panel } from "../../ui/Panel";
import { Empty, Failed, Loading } from "../../ui/States";
import { evaluations, MINUTES } from "../queries/seen";
import { nameOf } from "../targeting/model";
import type { FlagHere } from "../useFlag";
import { colourOf } from "../VariationDot";

export function Evaluations({ here }: { here: FlagHere }) {
  const counted = useQuery(evaluations(here.place, here.key));
  return (
    <Panel
      title="Evaluations in the last hour"
      sentence={`As SDKs counted them in ${here.place.environment}.`}
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
  items: { start: string; variation?: number | null; n: number }[];
};

function Chart({ here, from, until, items }: ChartProps) {
  const told = [...new Set(items.map(({ variation }) => variation ?? null))].sort(
    (a, b) => (a ?? -1) - (b ?? -1),
  );
  const series = told.map((variation) => ({
    name: String(variation),
    label: nameOf(here.variations, variation),
    color: colourOf(variation),
  }));
  const counts = items.map(({ start, n, variation }) => ({ start, n, series: String(variation ?? null) }));
  const names = series.map(({ name }) => name);
  const bins = binned(counts, names, from, until, MINUTES);
  return <CountChart label={`Evaluations of ${here.view.name} by minute`} bins={bins} series={series} />;
}
