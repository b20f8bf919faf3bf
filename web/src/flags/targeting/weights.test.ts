import { expect, test } from "vitest";
import type { Variation } from "./model";
import { givenTheRest, missing, percentWords, rolloutFrom, weightOf, withWeight } from "./weights";

const rollout = (...weights: number[]) => ({
  contextKind: "user",
  variations: weights.map((weight, variation) => ({ variation, weight })),
});
const weights = ({ variations }: { variations: { weight: number }[] }) =>
  variations.map(({ weight }) => weight);

test("percentages and weights are the same to a thousandth of a percent", () => {
  expect([1, 12.5, 33.333, 0.001, 0.1 + 0.2].map(weightOf)).toEqual([1_000, 12_500, 33_333, 1, 300]);
  expect([1_000, 12_500, 1, 0].map(percentWords)).toEqual(["1 %", "12.5 %", "0.001 %", "0 %"]);
});

test("of two shares the other takes the rest", () => {
  expect(weights(withWeight(rollout(1_000, 99_000), 0, 10_000))).toEqual([10_000, 90_000]);
  expect(weights(withWeight(rollout(1_000, 99_000), 1, 250_000))).toEqual([0, 100_000]);
});

test("of three shares the others stay, and what is missing is said and can be given", () => {
  const changed = withWeight(rollout(50_000, 30_000, 20_000), 0, 40_000);
  expect(missing(changed)).toBe(10_000);
  expect(weights(givenTheRest(changed, 2))).toEqual([40_000, 30_000, 30_000]);
  expect(missing(rollout(60_000, 60_000))).toBe(-20_000);
  expect(weights(givenTheRest(rollout(60_000, 60_000), 1))).toEqual([60_000, 40_000]);
});

test("a new rollout changes nothing until a share is given away", () => {
  const variations = [{}, {}, {}] as Variation[];
  expect(weights(rolloutFrom({ variation: 1 }, variations))).toEqual([0, 100_000, 0]);
});
