// Counts over time as bars, with marks where something was changed, and the same as a table below.
import "@mantine/charts/styles.css";
import { BarChart } from "@mantine/charts";
import { Box, Spoiler, Table, Text } from "@mantine/core";
import type { Bin } from "../lib/bins";

export type Series = { name: string; label: string; color: string };
export type Mark = { at: number; label: string };
type Props = { label: string; bins: Bin[]; series: Series[]; marks?: Mark[] };

const HEIGHT_PX = 220;

export function CountChart({ label, bins, series, marks = [] }: Props) {
  // A label right of a line that stands near the end would be cut off.
  const middle = bins[Math.floor(bins.length / 2)]?.at ?? 0;
  const long = (bins.at(-1)?.at ?? 0) - (bins.at(0)?.at ?? 0) > 86_000_000;
  const time = (at: unknown) =>
    new Date(Number(at)).toLocaleString("en-GB", {
      ...(long && { day: "numeric", month: "short" }),
      hour: "2-digit",
      minute: "2-digit",
    });
  return (
    <Box>
      <Box role="img" aria-label={label}>
        <BarChart
          h={HEIGHT_PX}
          data={bins}
          dataKey="at"
          type="stacked"
          series={series}
          withLegend={series.length > 1}
          gridAxis="x"
          tooltipAnimationDuration={0}
          xAxisProps={{ tickFormatter: time, minTickGap: 40 }}
          yAxisProps={{ allowDecimals: false, width: 48 }}
          valueFormatter={(n) => n.toLocaleString("en")}
          tooltipProps={{ labelFormatter: time }}
          barChartProps={{ accessibilityLayer: false, barCategoryGap: 1 }}
          barProps={{ isAnimationActive: false }}
          referenceLines={marks.map(({ at, label: mark }) => ({
            x: at,
            label: mark,
            color: "var(--mantine-color-dimmed)",
            labelPosition: at > middle ? "insideTopRight" : "insideTopLeft",
          }))}
        />
      </Box>
      <Spoiler maxHeight={0} showLabel="Show as a table" hideLabel="Hide the table" mt="xs">
        <CountTable label={label} bins={bins} series={series} time={time} />
      </Spoiler>
    </Box>
  );
}

type TableProps = Omit<Props, "marks"> & { time: (at: number) => string };

function CountTable({ label, bins, series, time }: TableProps) {
  const told = bins.filter((bin) => series.some(({ name }) => bin[name]));
  if (told.length === 0) {
    return (
      <Text size="sm" c="dimmed">
        Nothing was counted.
      </Text>
    );
  }
  return (
    <Table aria-label={label} w="auto">
      <Table.Thead>
        <Table.Tr>
          <Table.Th>From</Table.Th>
          {series.map(({ name, label: head }) => (
            <Table.Th key={name} ta="right">
              {head}
            </Table.Th>
          ))}
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {told.map((bin) => (
          <Table.Tr key={bin.at}>
            <Table.Td>{time(bin.at)}</Table.Td>
            {series.map(({ name }) => (
              <Table.Td key={name} ta="right">
                {bin[name]?.toLocaleString("en")}
              </Table.Td>
            ))}
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}
