import { expect, test } from "vitest";
import { counted, course, decades, FLOOR, magnitude, percent, total } from "./evidence";

const window = (
  second: number,
  control: [number, number],
  treatment: [number, number],
  evidence: number,
) => ({
  start: `2026-11-23T12:00:0${second}Z`,
  control: { n: control[0], k: control[1] },
  treatment: { n: treatment[0], k: treatment[1] },
  evidence,
});
const reading = {
  metric: "errors",
  threshold: 100,
  evidence: 120,
  series: [window(0, [0, 0], [2, 1], 0.02), window(1, [100, 1], [2, 2], 9), window(2, [100, 1], [0, 0], 120)],
};
const tolerance = { ratio: 2, absolute: 0.01 };

test("shares are those of all units so far, and nothing before the first", () => {
  const points = course(reading, tolerance);
  expect(points.map(({ control }) => control)).toEqual([null, 1, 1]);
  expect(points.map(({ treatment }) => treatment)).toEqual([50, 75, 75]);
  expect(points.map(({ limit }) => limit)).toEqual([null, 3, 3]);
});

test("evidence is kept above the axis' floor", () => {
  expect(course(reading, tolerance).map(({ evidence }) => evidence)).toEqual([FLOOR, 9, 120]);
});

test("what is tolerated is never above everybody", () => {
  const all = { ...reading, series: [window(0, [10, 9], [1, 0], 1)] };
  expect(course(all, tolerance)[0]?.limit).toBe(100);
});

test("counts are told with their share", () => {
  expect(counted(total(reading, "treatment"))).toBe("3 of 4 (75 %)");
  expect(counted({ n: 0, k: 0 })).toBe("none yet");
  expect([percent(0.4321), percent(58.3), magnitude(0.8), magnitude(312.4), magnitude(2e6)]).toEqual([
    "0.43 %",
    "58 %",
    "0.8",
    "312",
    "over 1,000,000",
  ]);
});

test("the axis reaches beyond its top by whole decades", () => {
  expect(decades(120)).toEqual([0.1, 1, 10, 100, 1000]);
  expect(decades(1)).toEqual([0.1, 1, 10]);
});
