import { expect, test } from "vitest";
import { ago, duration } from "./time";

const now = new Date("2026-11-23T12:00:00Z");

test("a past instant is told in its largest whole unit", () => {
  expect(ago("2026-11-23T11:57:00Z", now)).toBe("3 min. ago");
  expect(ago("2026-11-22T11:59:00Z", now)).toBe("yesterday");
  expect(ago("2026-11-23T12:00:00Z", now)).toBe("now");
});

test("durations carry their units", () => {
  expect([850, 12_400, 185_000, 7_800_000].map(duration)).toEqual([
    "850 ms",
    "12.4 s",
    "3 min 05 s",
    "2 h 10 min",
  ]);
});
