import { expect, test } from "vitest";
import { firstLayer, hours, turns } from "./rotation";

const weekly = firstLayer(new Date("2026-11-25T15:00"), "Europe/Berlin");
const known = [
  { id: "per_1", name: "Ada" },
  { id: "per_2", name: "Bob" },
];

test("a new rotation hands over on this week's Monday at nine", () => {
  expect(weekly.rotation.anchor).toBe("2026-11-23T09:00:00");
});

test("a weekly rotation names the day of its handoff, a daily one only the time", () => {
  const rotation = { ...weekly.rotation, participants: ["per_1", "per_2"] };
  expect(turns(rotation, known)).toBe(
    "Ada, then Bob; a turn is a week, handed over Monday at 09:00, Europe/Berlin.",
  );
  expect(turns({ ...rotation, turn: { every: 2, unit: "days" } }, known)).toBe(
    "Ada, then Bob; a turn is 2 days, handed over at 09:00, Europe/Berlin.",
  );
  expect(turns({ ...rotation, turn: { every: 1, unit: "hours" } }, known)).toContain("a turn is an hour");
});

test("a layer that counts at some hours says at which", () => {
  expect(hours([])).toBe("");
  expect(hours([{ days: ["saturday", "sunday"], from: "08:00:00", to: "20:00:00" }])).toBe(
    "Counts sat, sun 08:00–20:00.",
  );
});
