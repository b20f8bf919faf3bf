import { expect, test } from "vitest";
import { inOrder, merged } from "./targets";

test("targets stand as they are looked at", () => {
  const targets = [
    { contextKind: "device", variation: 0, values: ["d"] },
    { contextKind: "org", variation: 0, values: ["o"] },
    { contextKind: "user", variation: 1, values: ["u"] },
  ];
  const kinds = (order: { contextKind: string; variation: number }[]) =>
    inOrder(targets, order).map(({ contextKind }) => contextKind);
  expect(kinds([])).toEqual(["device", "org", "user"]);
  expect(
    kinds([
      { contextKind: "user", variation: 1 },
      { contextKind: "gone", variation: 0 },
    ]),
  ).toEqual(["user", "device", "org"]);
});

test("a context that is named anew leaves where it was, but only within its kind", () => {
  const targets = [
    { contextKind: "user", variation: 0, values: ["ada", "bob"] },
    { contextKind: "user", variation: 1, values: ["ada"] },
    { contextKind: "org", variation: 0, values: ["ada"] },
  ];
  expect(merged(targets, 1).map(({ values }) => values)).toEqual([["bob"], ["ada"], ["ada"]]);
});
