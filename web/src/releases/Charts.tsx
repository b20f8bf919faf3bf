// The two pictures of a guard. The table below them says the same.
import "@mantine/charts/styles.css";
import { LineChart } from "@mantine/charts";
import { Text } from "@mantine/core";
import type { ReactNode } from "react";
import { decades, FLOOR, magnitude, type Point, percent } from "./evidence";
import { type Marker, SUSPECT_AT } from "./reading";
import classes from "./releases.module.css";

type Props = { points: Point[]; markers: Marker[]; metric: string };

const HEIGHT = 220;

const time = (at: number) =>
  new Date(at).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" });

/** From the beginning of the release, so that its first step is seen, to the last window. */
const axis = (points: Point[], markers: Marker[]) => ({
  type: "number" as const,
  scale: "time" as const,
  tickFormatter: time,
  domain: [Math.min(...markers.map(({ at }) => at), points[0]?.at ?? 0), points.at(-1)?.at ?? 0],
});

const shared = {
  h: HEIGHT,
  dataKey: "at",
  curveType: "linear",
  withDots: false,
  connectNulls: true,
  strokeWidth: 2,
  gridAxis: "x",
  tooltipAnimationDuration: 0,
  tooltipProps: { labelFormatter: (at: unknown) => time(Number(at)) },
  // The picture has a name and a table; its points are not stops for the keyboard.
  lineChartProps: { accessibilityLayer: false },
} as const;

const steps = (markers: Marker[]) =>
  markers.map(({ at, name }) => ({ x: at, label: name, color: "var(--mantine-color-dimmed)" }));

/** Evidence of harm on a logarithmic axis, growing toward its threshold. */
export function EvidenceChart({ points, threshold, markers, metric }: Props & { threshold: number }) {
  const top = Math.max(threshold, ...points.map(({ evidence }) => evidence));
  const ticks = decades(top * 2);
  return (
    <Picture
      title="Evidence of harm"
      label={`Evidence of harm in ${metric} over time; its threshold is ${magnitude(threshold)}`}
    >
      <LineChart
        {...shared}
        xAxisProps={axis(points, markers)}
        data={points}
        series={[{ name: "evidence", label: "Evidence", color: "var(--mantine-color-anchor)" }]}
        valueFormatter={magnitude}
        yAxisProps={{
          scale: "log",
          domain: [FLOOR, ticks.at(-1) ?? top],
          ticks,
          allowDataOverflow: true,
          width: 64,
        }}
        referenceLines={[
          {
            y: threshold,
            label: `taken back at ${magnitude(threshold)}`,
            color: "var(--regressed)",
            labelPosition: "insideBottomRight",
          },
          ...(threshold > SUSPECT_AT
            ? [
                {
                  y: SUSPECT_AT,
                  label: `suspect at ${SUSPECT_AT}`,
                  color: "var(--suspect)",
                  labelPosition: "insideBottomRight" as const,
                },
              ]
            : []),
          ...steps(markers),
        ]}
      />
    </Picture>
  );
}

/** The share of bad units of both arms, and what is tolerated. */
export function ShareChart({ points, markers, metric }: Props) {
  return (
    <Picture
      title="Share of bad units so far"
      label={`The share of bad units for ${metric} in treatment and control over time`}
    >
      <LineChart
        {...shared}
        xAxisProps={axis(points, markers)}
        data={points}
        withLegend
        series={[
          { name: "treatment", label: "Treatment", color: "var(--mantine-color-anchor)" },
          { name: "control", label: "Control", color: "var(--unknown)" },
          { name: "limit", label: "Tolerated", color: "var(--regressed)", strokeDasharray: "5 5" },
        ]}
        valueFormatter={percent}
        yAxisProps={{ width: 64, domain: [0, "auto"] }}
        referenceLines={steps(markers)}
      />
    </Picture>
  );
}

function Picture({ title, label, children }: { title: string; label: string; children: ReactNode }) {
  return (
    <figure className={classes.figure}>
      <Text component="figcaption" size="sm" fw={600} mb={4}>
        {title}
      </Text>
      <div role="img" aria-label={label}>
        {children}
      </div>
    </figure>
  );
}
