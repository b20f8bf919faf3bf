// Counts over time, brought into equal bins so that silence is drawn too. Pure.

export type Count = { start: string; n: number; series: string };
export type Bin = { at: number } & Record<string, number>;

/** The last `minutes`, in milliseconds from and until, laid so that the bins stay where they are as time goes on. */
export function lately(now: number, minutes: number, count: number): { from: number; until: number } {
  const width = (minutes * 60_000) / count;
  const until = Math.ceil(now / width) * width;
  return { from: until - count * width, until };
}

/** `count` bins from `from` to `until` (milliseconds), each with a sum per series, zero where nothing was counted. */
export function binned(counts: Count[], series: string[], from: number, until: number, count: number): Bin[] {
  const width = (until - from) / count;
  const bins = Array.from({ length: count }, (_, index): Bin => {
    const empty = Object.fromEntries(series.map((name) => [name, 0]));
    return { ...empty, at: Math.round(from + index * width) };
  });
  for (const { start, n, series: name } of counts) {
    const index = Math.floor((new Date(start).getTime() - from) / width);
    const bin = bins[index];
    if (bin) bin[name] = (bin[name] ?? 0) + n;
  }
  return bins;
}

/** The start of the bin in which an instant falls; undefined outside of them. */
export function binOf(bins: Bin[], instant: string): number | undefined {
  const [first, second] = bins;
  if (!first || !second) return undefined;
  const at = new Date(instant).getTime();
  return bins[Math.floor((at - first.at) / (second.at - first.at))]?.at;
}
