import { expect, test } from "vitest";
import { instructionsBetween } from "./instructions";
import { type Configuration, type Rule, whole } from "./model";

const base: Configuration = whole({ on: false, fallthrough: { variation: 0 }, offVariation: 1 });

function rule(id: string, variation = 0): Rule {
  const clause = {
    contextKind: "user",
    attribute: "email",
    op: "endsWith" as const,
    values: ["@a"],
    negate: false,
  };
  return { id, description: "", clauses: [clause], trackEvents: false, variation };
}

const ruled = (...ids: string[]): Configuration => ({ ...base, rules: ids.map((id) => rule(id)) });

test("what is unchanged needs no instruction", () => {
  expect(instructionsBetween(base, structuredClone(base))).toEqual([]);
});

test("on, off variation and fallthrough each have their instruction", () => {
  const rollout = {
    contextKind: "user",
    variations: [
      { variation: 0, weight: 1_000 },
      { variation: 1, weight: 99_000 },
    ],
  };
  expect(
    instructionsBetween(base, { ...base, on: true, offVariation: null, fallthrough: { rollout } }),
  ).toEqual([
    { kind: "turnFlagOn" },
    { kind: "setOffVariation", variation: null },
    { kind: "setFallthrough", rollout },
  ]);
});

test("strategies, variants and dependencies are each replaced whole", () => {
  const strategies = [{ name: "default" }];
  const variants = [{ name: "blue", weight: 1000 }];
  const dependencies = [{ feature: "search-engine", enabled: true }];
  expect(instructionsBetween(base, { ...base, strategies, variants, dependencies })).toEqual([
    { kind: "replaceStrategies", strategies },
    { kind: "replaceVariants", variants },
    { kind: "replaceDependencies", dependencies },
  ]);
});

test("rules are added, replaced and removed by id", () => {
  const after = { ...base, rules: [rule("n"), rule("a", 1), rule("z")] };
  expect(instructionsBetween(ruled("a", "b"), after)).toEqual([
    { kind: "removeRule", ruleId: "b" },
    { kind: "replaceRule", rule: rule("a", 1) },
    { kind: "addRule", rule: rule("z") },
    { kind: "addRule", rule: rule("n"), before: "a" },
  ]);
});

test("only the rules that must move are moved", () => {
  const table: [string[], string[], unknown[]][] = [
    [["a", "b", "c"], ["c", "a", "b"], [{ kind: "moveRule", ruleId: "c", before: "a" }]],
    [["a", "b", "c"], ["b", "c", "a"], [{ kind: "moveRule", ruleId: "a" }]],
    [["a", "b"], ["a", "b"], []],
  ];
  for (const [before, after, expected] of table) {
    expect(instructionsBetween(ruled(...before), ruled(...after))).toEqual(expected);
  }
});

test("every order of five rules is reached by the moves", () => {
  const ids = ["a", "b", "c", "d", "e"];
  for (const wanted of orders(ids)) {
    const steps = instructionsBetween(ruled(...ids), ruled(...wanted)) as unknown as {
      ruleId: string;
      before?: string;
    }[];
    const list = [...ids];
    for (const { ruleId, before } of steps) {
      list.splice(list.indexOf(ruleId), 1);
      list.splice(before ? list.indexOf(before) : list.length, 0, ruleId);
    }
    expect(list).toEqual(wanted);
  }
});

test("targets are told as what is added and what is removed, and a moved context only once", () => {
  const target = (variation: number, ...values: string[]) => ({ contextKind: "user", variation, values });
  const before = { ...base, targets: [target(0, "ada", "bob"), target(1, "cy")] };
  const after = { ...base, targets: [target(0, "bob"), target(1, "ada", "dan")] };
  expect(instructionsBetween(before, after)).toEqual([
    { kind: "removeTargets", ...target(1, "cy") },
    { kind: "addTargets", ...target(1, "ada", "dan") },
  ]);
});

test("a prerequisite that changes is taken out and put back in its place", () => {
  const before = {
    ...base,
    prerequisites: [
      { key: "a", variation: 0 },
      { key: "b", variation: 0 },
    ],
  };
  const after = {
    ...base,
    prerequisites: [
      { key: "a", variation: 1 },
      { key: "b", variation: 0 },
    ],
  };
  expect(instructionsBetween(before, after)).toEqual([
    { kind: "removePrerequisite", key: "a" },
    { kind: "addPrerequisite", key: "a", variation: 1, before: "b" },
  ]);
});

function orders(list: string[]): string[][] {
  if (list.length < 2) return [list];
  return list.flatMap((one) => orders(list.filter((other) => other !== one)).map((rest) => [one, ...rest]));
}
