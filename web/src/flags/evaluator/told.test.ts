import { expect, test } from "vitest";
import type { Variation } from "../targeting/model";
import { type Steps, told, written } from "./told";

const variations = [
  { id: "0", name: "on", description: "", value: true },
  { id: "1", name: "off", description: "", value: false },
] as Variation[];

const steps: Steps = {
  on: true,
  prerequisites: [{ flag: "base", wanted: 0, served: 0, met: true }],
  targets: [{ contextKind: "user", variation: 1, count: 2, named: false }],
  rules: [
    {
      description: "Staff",
      matched: false,
      serves: "“on”",
      clauses: [
        { sentence: "email ends with “@acme.com”", subject: "ada@home.org", holds: false },
        { sentence: "plan is “gold”", subject: "gold", holds: null },
      ],
    },
    {
      description: "",
      matched: true,
      serves: "“on”",
      clauses: [{ sentence: "age is at least 30", subject: 40, holds: true }],
    },
  ],
  fallthrough: "“off”",
  rollout: null,
};
const truths = (of: Steps) => told(of, variations).map(({ truth }) => truth);

test("the step that decided is marked, and what comes after it is not looked at", () => {
  expect(truths(steps)).toEqual(["holds", "holds", "fails", "fails", "decided", "unseen"]);
  const [, , , staff] = told(steps, variations);
  expect(staff?.name).toBe("Rule 1 “Staff” → “on”");
  expect(staff?.parts.map(({ truth, saw }) => [truth, saw])).toEqual([
    ["fails", "“ada@home.org”"],
    ["unseen", "“gold”"],
  ]);
});

test("nothing decides before the end: everyone else", () => {
  expect(truths({ ...steps, rules: [] })).toEqual(["holds", "holds", "fails", "decided"]);
});

test("off decides, and so does a flag that must come first and does not", () => {
  expect(truths({ ...steps, on: false })).toEqual(["decided", "unseen"]);
  const unseen = {
    ...steps,
    prerequisites: [
      { flag: "base", wanted: 0, served: 1, met: false },
      { flag: "other", wanted: 0, served: null, met: null },
    ],
    targets: [{ contextKind: "user", variation: 1, count: 1, named: null }],
    rules: steps.rules.map((rule) => ({
      ...rule,
      matched: null,
      clauses: rule.clauses.map((clause) => ({ ...clause, holds: null })),
    })),
  };
  expect(truths(unseen)).toEqual(["holds", "decided", "unseen", "unseen", "unseen", "unseen"]);
  expect(told(unseen, variations)[1]?.parts.map(({ truth }) => truth)).toEqual(["fails", "unseen"]);
});

test("what cannot be told is not taken for false", () => {
  const circle = { ...steps, prerequisites: [{ flag: "base", wanted: 0, served: null, met: null }] };
  expect(told(circle, variations)[1]?.parts[0]?.truth).toBe("unknown");
  expect([written(null), written("a"), written([1])]).toEqual(["not there", "“a”", "[1]"]);
});
