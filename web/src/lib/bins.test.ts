import { expect, test } from "vitest";
import { binned, binOf, lately } from "./bins";

const from = new Date("2026-11-23T12:00:00Z").getTime();
const at = (second: number) => new Date(from + second * 1000).toISOString();

test("counts fall into equal bins, and silence is zero", () => {
  const counts = [
    { start: at(0), n: 1, series: "on" },
    { start: at(9), n: 2, series: "on" },
    { start: at(25), n: 4, series: "off" },
    { start: at(40), n: 8, series: "on" },
    { start: at(-1), n: 16, series: "on" },
  ];
  const bins = binned(counts, ["on", "off"], from, from + 40_000, 4);
  expect(bins.map(({ on, off }) => [on, off])).toEqual([
    [3, 0],
    [0, 0],
    [0, 4],
    [0, 0],
  ]);
  expect(bins.map((bin) => bin.at - from)).toEqual([0, 10_000, 20_000, 30_000]);
});

test("an instant is marked at its bin", () => {
  const bins = binned([], [], from, from + 40_000, 4);
  expect(binOf(bins, at(19))).toBe(from + 10_000);
  expect(binOf(bins, at(41))).toBeUndefined();
});

test("bins stay where they are until the next one begins", () => {
  expect(lately(from + 1, 1, 60)).toEqual({ from: from - 59_000, until: from + 1_000 });
  expect(lately(from + 999, 1, 60)).toEqual(lately(from + 1, 1, 60));
  expect(lately(from + 1_001, 1, 60).until).toBe(from + 2_000);
});
