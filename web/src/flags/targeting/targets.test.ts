import { expect, test } from "vitest";
import { merged } from "./targets";

test("a context that is named anew leaves where it was, but only within its kind", () => {
  const targets = [
    { contextKind: "user", variation: 0, values: ["ada", "bob"] },
    { contextKind: "user", variation: 1, values: ["ada"] },
    { contextKind: "org", variation: 0, values: ["ada"] },
  ];
  expect(merged(targets, 1).map(({ values }) => values)).toEqual([["bob"], ["ada"], ["ada"]]);
});
