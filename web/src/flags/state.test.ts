import { expect, test } from "vitest";
import { sharesOf, stateSentence, statusWords, strategiesSentence } from "./state";
import { type Configuration, type Variation, whole } from "./targeting/model";

const variations = ["on", "off"].map((name) => ({
  id: name,
  name,
  description: "",
  value: name === "on",
})) as Variation[];
const off = whole({ on: false, fallthrough: { variation: 0 }, offVariation: 1 });
const tenPercent = {
  rollout: {
    contextKind: "user",
    variations: [
      { variation: 0, weight: 10_000 },
      { variation: 1, weight: 90_000 },
    ],
  },
};
const busy: Configuration = {
  ...off,
  on: true,
  fallthrough: tenPercent,
  targets: [{ contextKind: "user", variation: 0, values: ["ada", "bob"] }],
  rules: [{ id: "r", description: "", clauses: [], trackEvents: false, variation: 0 }],
};

test("the state is one sentence", () => {
  const table: [Configuration, string][] = [
    [off, "Off: everybody gets “off”."],
    [{ ...off, offVariation: null }, "Off: everybody gets the SDKs’ own default."],
    [{ ...off, on: true }, "On: everybody gets “on”."],
    [busy, "On: 2 targets and 1 rule first, everyone else gets 10 % “on”, 90 % “off”."],
  ];
  for (const [configuration, sentence] of table) {
    expect(stateSentence(configuration, variations)).toBe(sentence);
  }
});

test("a flag by Unleash's rules is told by its strategies", () => {
  const on = { ...off, on: true };
  const strategy = { name: "default" };
  expect(strategiesSentence({ ...off, strategies: [strategy] })).toBe("Off for everybody.");
  expect(strategiesSentence(on)).toBe("On for everybody.");
  expect(strategiesSentence({ ...on, strategies: [{ ...strategy, disabled: true }] })).toContain("nobody");
  expect(strategiesSentence({ ...on, strategies: [strategy, strategy] })).toBe(
    "On: any of 2 strategies lets in.",
  );
  const status = { version: 1, sdkVersion: 1, on: true, rules: 2, targets: 0, shares: [] };
  expect(statusWords(status, "unleash")).toBe("On: 2 strategies");
});

test("the shares of everyone else sum up to the whole", () => {
  expect(sharesOf(off, variations)).toEqual([{ variation: 1, name: "off", weight: 100_000 }]);
  expect(sharesOf(busy, variations).map(({ weight }) => weight)).toEqual([10_000, 90_000]);
});

test("a table's cell says it in few words", () => {
  const on = { version: 1, sdkVersion: 1, on: true, rules: 0, targets: 0, shares: [] };
  const shares = sharesOf(busy, variations);
  expect(statusWords({ ...on, on: false, rules: 3 })).toBe("Off");
  expect(statusWords({ ...on, shares: sharesOf({ ...off, on: true }, variations) })).toBe("On");
  expect(statusWords({ ...on, rules: 1, targets: 1_200, shares })).toBe("On: 10 % on, 1,200 targets, 1 rule");
});
