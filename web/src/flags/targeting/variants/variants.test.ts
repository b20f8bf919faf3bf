import { expect, test } from "vitest";
import { type Configuration, type Variant, whole } from "../model";
import { drawnBy, firstWrong, hasWrong, variantWords, withNew, without, wrongOf } from "./variants";

const base: Configuration = whole({ on: false, fallthrough: { variation: 0 }, offVariation: 1 });
const blue: Variant = { name: "blue", weight: 1000 };

test("a new variant has a name of its own and shares evenly, drawn as the others are", () => {
  const two = withNew([{ ...blue, name: "variant-2" }], "tenant");
  expect(two).toEqual([
    { name: "variant-2", weight: 500 },
    { name: "variant-3", weight: 500, weightType: "variable", stickiness: "tenant" },
  ]);
  expect(without(two, 1)).toEqual([{ name: "variant-2", weight: 1000 }]);
});

test("all variants are drawn by one field, or by Unleash's default", () => {
  const drawn = drawnBy([blue, { ...blue, stickiness: "userId" }], "tenant");
  expect(drawn.map(({ stickiness }) => stickiness)).toEqual(["tenant", "tenant"]);
  expect(drawnBy(drawn, "")).toEqual([blue, blue]);
});

test("what keeps a variant from being saved is said at its field", () => {
  const json = (value: string): Variant => ({ ...blue, payload: { type: "json", value } });
  const number = (value: string): Variant => ({ ...blue, payload: { type: "number", value } });
  const always = (contextName: string, ...values: string[]): Variant => ({
    ...blue,
    overrides: [{ contextName, values }],
  });
  const table: [Variant[], string | undefined][] = [
    [[blue], undefined],
    [[{ ...blue, name: " " }], "Give it a name."],
    [[blue, blue], "Another variant has this name."],
    [[json("{")], "This is not JSON."],
    [[json("{}")], undefined],
    [[number("many")], "Type a number."],
    [[number("1e3")], undefined],
    [[{ ...blue, payload: { type: "csv", value: "a,b" } }], undefined],
    [[always("", "ada")], "Name a field."],
    [[always("userId")], "Name at least one value."],
  ];
  for (const [variants, expected] of table) expect(firstWrong(wrongOf(variants, 0))).toBe(expected);
});

test("only what was changed is to be mended before a flag can be saved", () => {
  const uneven: Configuration = { ...base, variants: [{ ...blue, weight: 600, weightType: "fix" }] };
  expect(hasWrong(uneven, { ...uneven, strategies: [{ name: "default" }] })).toBe(false);
  const renamed = { ...uneven, variants: uneven.variants.map((one) => ({ ...one, name: "green" })) };
  expect(hasWrong(uneven, renamed)).toBe(false);
  expect(hasWrong(base, uneven)).toBe(true);
  const own = { name: "default", variants: [{ ...blue, name: "" }] };
  expect(hasWrong(base, { ...base, strategies: [own] })).toBe(true);
  expect(hasWrong(base, { ...base, variants: [blue] })).toBe(false);
});

test("a variant is said with all that it brings", () => {
  const green: Variant = {
    name: "green",
    weight: 250,
    payload: { type: "string", value: "#0f0" },
    overrides: [{ contextName: "userId", values: ["ada", "bob"] }],
  };
  const words = variantWords(green, [green, { ...blue, weight: 750 }]);
  expect(words).toBe("25 % green with “#0f0”, always for userId “ada” or “bob”");
});
