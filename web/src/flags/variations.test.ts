import { expect, test } from "vitest";
import { keyFrom, parsed, STARTS, textOf, toWire, wrongValue, wrongValues } from "./variations";

test("a key comes from the name", () => {
  const table = [
    ["Checkout, second version", "checkout-second-version"],
    ["  Größe v2.1 ", "große-v2.1".replace("ß", "-")],
    ["---", ""],
  ] as const;
  for (const [name, key] of table) expect(keyFrom(name)).toBe(key);
});

test("values are of their flag's kind, or what would be right is said", () => {
  expect(parsed("string", "true")).toBe("true");
  expect(parsed("number", "2.5")).toBe(2.5);
  expect(parsed("json", '{"a": 1}')).toEqual({ a: 1 });
  expect(wrongValue("number", "two")).toBe("Type a number.");
  expect(wrongValue("boolean", "1")).toBe("Type true or false.");
  expect(wrongValue("json", "{")).toBe("This is not JSON.");
});

test("what a new flag starts with is right for its kind", () => {
  for (const [kind, start] of Object.entries(STARTS)) expect(wrongValues(kind as "json", start)).toBe(false);
  expect(toWire("boolean", STARTS.boolean)).toEqual([
    { name: "on", value: true },
    { name: "off", value: false },
  ]);
});

test("a value is typed as it is shown", () => {
  for (const value of [{ a: [1, "x"] }, 7, true, null]) expect(parsed("json", textOf(value))).toEqual(value);
});
