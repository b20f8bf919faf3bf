import { expect, test } from "vitest";
import { binned } from "../../lib/bins";
import { marksOf } from "./marks";

test("changes are marked in the bin in which they were made, several as their number", () => {
  const from = Date.parse("2026-11-23T09:00:00Z");
  const bins = binned([], ["0"], from, from + 600_000, 10);
  const at = (seconds: number) => new Date(from + seconds * 1000).toISOString();
  const changes = [
    { seq: 1, at: at(-5) },
    { seq: 2, at: at(70) },
    { seq: 3, at: at(130) },
    { seq: 4, at: at(170) },
    { seq: 5, at: at(600) },
  ];
  expect(marksOf(bins, changes)).toEqual([
    { at: from + 60_000, label: "2" },
    { at: from + 120_000, label: "2 changes" },
  ]);
});
