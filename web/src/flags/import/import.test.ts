import { expect, test } from "vitest";
import type { Report } from "../queries/imports";
import { rows, toWrite, words } from "./rows";
import { payloadOf } from "./source";

const report: Report = {
  dryRun: true,
  sentence: "",
  largestVersion: 7,
  counts: { created: 1, changed: 1, unchanged: 1, refused: 1 },
  segments: [{ key: "staff", outcome: "unchanged", notes: [] }],
  flags: [
    { key: "a", outcome: "created", notes: [] },
    { key: "b", outcome: "refused", why: "it cannot be read", notes: [] },
    { key: "c", outcome: "changed", notes: ["one", "two"] },
  ],
};

test("what needs a look stands first", () => {
  expect(rows(report).map(({ sort, key }) => `${sort} ${key}`)).toEqual([
    "flag b",
    "flag c",
    "flag a",
    "segment staff",
  ]);
  expect(toWrite(report)).toBe(2);
  expect(report.flags.map(words)).toEqual(["", "it cannot be read", "one; two"]);
});

test("a file that is no payload is told from one that is", () => {
  expect(payloadOf('{"flags": {"a": {}}}')).toEqual({ flags: { a: {} } });
  expect(() => payloadOf("<html>")).toThrow("is no JSON");
  expect(() => payloadOf("[]")).toThrow("holds no object");
  expect(() => payloadOf('{"flags": null}')).toThrow("has no flags");
});
