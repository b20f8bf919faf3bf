import { expect, test } from "vitest";
import type { Report } from "../queries/imports";
import { rows, toWrite, words } from "./rows";
import { contentOf } from "./source";

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

test("what LaunchDarkly gives away is told from anything else", () => {
  const text = '{"flags": {"a": {}}}';
  expect(contentOf("launchDarkly", text)).toEqual({ payload: { flags: { a: {} } }, environments: [] });
  const table = {
    "": "is empty",
    "<html>": "is no JSON",
    "[]": "holds no object",
    '{"flags": null}': "has no flags",
  };
  for (const [other, why] of Object.entries(table)) {
    expect(contentOf("launchDarkly", other)).toEqual({ wrong: expect.stringContaining(why) });
  }
});

test("what Unleash gives away is told from anything else", () => {
  const features = { version: 2, features: [{ name: "ui" }] };
  const content = { payload: features, environments: [] };
  expect(contentOf("unleash", JSON.stringify(features))).toEqual(content);
  const table = { "{": "is no JSON", "7": "holds no object", '{"flags": {}}': "has no features" };
  for (const [other, why] of Object.entries(table)) {
    expect(contentOf("unleash", other)).toEqual({ wrong: expect.stringContaining(why) });
  }
});

test("of an export the environments are known, each once", () => {
  const rows = ["live", "beta", "live"].map((environment) => ({ featureName: "ui", environment }));
  const text = JSON.stringify({
    features: [],
    featureStrategies: [],
    featureEnvironments: [...rows, null, {}],
  });
  expect(contentOf("unleash", text)).toMatchObject({ environments: ["beta", "live"] });
});
