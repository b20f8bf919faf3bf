import { expect, test } from "vitest";
import type { Clause, Variation } from "./model";
import { clauseWords, conditionWords, serveWords } from "./words";

const clause = (more: Partial<Clause>): Clause => ({
  contextKind: "user",
  attribute: "email",
  op: "in",
  values: ["a"],
  negate: false,
  ...more,
});

const variations = [
  { id: "1", name: "on", description: "", value: true },
  { id: "2", name: "", description: "", value: false },
] as Variation[];

test("clauses read as sentences", () => {
  const table: [Partial<Clause>, string][] = [
    [{ op: "endsWith", values: ["@acme.com", "@acme.org"] }, "email ends with “@acme.com” or “@acme.org”"],
    [{ attribute: "key", values: [1, 2, 3, 4, 5, 6], negate: true }, "key is not 1, 2, 3, 4 or 2 others"],
    [{ contextKind: "device", attribute: "os", values: ["ios"] }, "device os is “ios”"],
    [{ contextKind: "device", op: "segmentMatch", values: ["lab"] }, "device is in the segment “lab”"],
    [{ attribute: "", values: [] }, "… is …"],
  ];
  for (const [more, words] of table) expect(clauseWords(clause(more))).toBe(words);
});

test("all clauses of a rule must match", () => {
  const words = conditionWords({ clauses: [clause({}), clause({ attribute: "country", values: ["de"] })] });
  expect(words).toBe("email is “a” and country is “de”");
});

test("what is served is named, with shares where there are some", () => {
  expect(serveWords({ variation: 1 }, variations)).toBe("“false”");
  const shares = [
    { variation: 0, weight: 1_500 },
    { variation: 1, weight: 98_500 },
    { variation: 2, weight: 0 },
  ];
  expect(serveWords({ rollout: { contextKind: "user", variations: shares } }, variations)).toBe(
    "1.5 % “on”, 98.5 % “false”",
  );
});
