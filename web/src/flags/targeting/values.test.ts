import { expect, test } from "vitest";
import { asTexts, fromTexts, typeOf } from "./values";

test("values keep their type", () => {
  expect(typeOf({ op: "in", values: [1, 2] })).toBe("number");
  expect(typeOf({ op: "in", values: [true] })).toBe("boolean");
  expect(typeOf({ op: "in", values: ["1"] })).toBe("text");
  expect(typeOf({ op: "in", values: [] })).toBe("text");
  expect(typeOf({ op: "lessThan", values: [] })).toBe("number");
  expect(asTexts(["a", 1, true])).toEqual(["a", "1", "true"]);
});

test("what is typed becomes values, and what is none of them is left out", () => {
  expect(fromTexts(["1", "2.5", "x", ""], "number")).toEqual([1, 2.5]);
  expect(fromTexts(["true", "yes", "false"], "boolean")).toEqual([true, false]);
  expect(fromTexts(["1", "true"], "text")).toEqual(["1", "true"]);
});
