import { expect, test } from "vitest";
import type { FlagView } from "../queries/flags";
import { dependencyWords, parents, unfit, variantsOf } from "./dependencies";

const parent = (configuration: object) =>
  ({ environments: { production: { configuration } } }) as unknown as FlagView;

test("only other flags by Unleash's rules can be depended on, each once", () => {
  const flag = (key: string, bucketing: "unleash" | "launchDarkly" = "unleash") => ({
    key,
    name: key,
    bucketing,
  });
  const found = [flag("own"), flag("taken"), flag("engine"), flag("banner", "launchDarkly")];
  expect(parents(found, "own", [{ feature: "taken", enabled: true }])).toEqual([
    { value: "engine", label: "engine" },
  ]);
});

test("one that depends on others itself is none to depend on", () => {
  const deep = parent({ dependencies: [{ feature: "root", enabled: true }] });
  expect(unfit(deep, "production")).toContain("It depends on root itself");
  expect(unfit(deep, "test")).toBeUndefined();
  expect(unfit(parent({}), "production")).toBeUndefined();
});

test("what it may come to are its variants and those of its strategies", () => {
  const variant = (name: string) => ({ name, weight: 1000 });
  const strategies = [{ name: "default", variants: [variant("green"), variant("blue")] }];
  const names = variantsOf(parent({ variants: [variant("blue")], strategies }), "production");
  expect(names).toEqual(["blue", "green"]);
  expect(variantsOf(undefined, "production")).toEqual([]);
});

test("a dependency is said in words", () => {
  expect(dependencyWords({ feature: "a" })).toBe("must be on");
  expect(dependencyWords({ feature: "a", enabled: false, variants: ["blue"] })).toBe("must be off");
  expect(dependencyWords({ feature: "a", variants: ["blue", "green"] })).toBe(
    "must be on with blue or green",
  );
});
