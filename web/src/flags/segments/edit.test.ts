import { expect, test } from "vitest";
import { edited, segmentInstructions, size } from "./edit";

const base = edited({ name: "Internal", included: { user: ["ada", "bob"] } });

test("a segment that is unchanged needs no instruction", () => {
  expect(segmentInstructions(base, structuredClone(base))).toEqual([]);
});

test("members are told as who comes and who goes, by list and kind", () => {
  const after = { ...base, included: { user: ["bob", "cy"], device: ["d1"] }, excluded: { user: ["eve"] } };
  expect(segmentInstructions(base, after)).toEqual([
    { kind: "updateMembers", list: "included", contextKind: "user", add: ["cy"], remove: ["ada"] },
    { kind: "updateMembers", list: "included", contextKind: "device", add: ["d1"], remove: [] },
    { kind: "updateMembers", list: "excluded", contextKind: "user", add: ["eve"], remove: [] },
  ]);
});

test("words and rules have their instructions", () => {
  const clause = {
    contextKind: "user",
    attribute: "email",
    op: "endsWith" as const,
    values: ["@a"],
    negate: false,
  };
  const rules = [{ id: "r", clauses: [clause] }];
  expect(segmentInstructions(base, { ...base, name: "Staff", rules })).toEqual([
    { kind: "updateDetails", name: "Staff" },
    { kind: "replaceRules", rules },
  ]);
});

test("the size counts every kind", () => {
  expect(size({ user: ["a", "b"], device: ["c"] })).toBe(3);
  expect(size()).toBe(0);
});
