import { expect, test } from "vitest";
import type { Variant } from "../model";
import { evened, fixedAt, freedAt, missing, restTo, shareWords, WHOLE } from "./shares";

const free = (weight: number): Variant => ({ name: `${weight}`, weight });
const fixed = (weight: number): Variant => ({ name: `${weight}`, weight, weightType: "fix" });
const weights = (variants: Variant[]) => variants.map(({ weight }) => weight);

test("variants that are not fixed share evenly what the fixed ones leave, to the last thousandth", () => {
  const table: [Variant[], number[]][] = [
    [[], []],
    [[free(0)], [1000]],
    [
      [free(0), free(0), free(0)],
      [334, 333, 333],
    ],
    [
      [fixed(100), free(0), free(0)],
      [100, 450, 450],
    ],
    [
      [fixed(600), fixed(600), free(5)],
      [600, 600, 0],
    ],
    [
      [fixed(600), fixed(300)],
      [600, 300],
    ],
  ];
  for (const [variants, expected] of table) expect(weights(evened(variants))).toEqual(expected);
});

test("a share that is fixed stays, and the others make way", () => {
  const three = evened([free(0), free(0), free(0)]);
  const one = fixedAt(three, 0, 12.5);
  expect(weights(one)).toEqual([125, 438, 437]);
  expect(weights(fixedAt(one, 1, 200))).toEqual([125, 1000, 0]);
  expect(weights(freedAt(one, 0))).toEqual([334, 333, 333]);
});

test("what is missing when all are fixed goes to one of them by a click", () => {
  const two = [fixed(600), fixed(300)];
  expect(missing(two)).toBe(100);
  expect(weights(restTo(two, 1))).toEqual([600, 400]);
  expect(weights(restTo([fixed(900), fixed(300)], 1))).toEqual([900, 100]);
});

test("a share is one among all, whatever they sum up to", () => {
  const old = [free(1), free(1), free(1)];
  expect(old.map((one) => shareWords(one, old))).toEqual(["33.3 %", "33.3 %", "33.3 %"]);
  const none = [free(0)];
  expect(none.map((one) => shareWords(one, none))).toEqual(["0 %"]);
  expect(WHOLE).toBe(1000);
});
