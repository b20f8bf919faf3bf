import { expect, test } from "vitest";
import { addDays, fromInput, startOfWeek, toInput } from "./calendar";

test("a week begins on Monday at midnight, also when asked on a Sunday", () => {
  for (const asked of ["2026-11-23T00:00", "2026-11-25T12:30", "2026-11-29T23:59"]) {
    expect(toInput(startOfWeek(new Date(asked)))).toBe("2026-11-23T00:00");
  }
});

test("days are counted on the wall clock, over the ends of months", () => {
  expect(toInput(addDays(new Date("2026-11-30T09:15"), 7))).toBe("2026-12-07T09:15");
});

test("what an input holds comes back as the instant it showed", () => {
  const text = "2026-03-29T03:05";
  expect(toInput(fromInput(text) as Date)).toBe(text);
  expect([fromInput(""), fromInput("soon")]).toEqual([undefined, undefined]);
});
