import { expect, test } from "vitest";
import { bars, differences, percent, type Shift } from "./stretch";

const [ada, bob, cy] = ["Ada", "Bob", "Cy"].map((name) => ({ id: name.toLowerCase(), name })) as [
  { id: string; name: string },
  { id: string; name: string },
  { id: string; name: string },
];
const from = new Date("2026-11-23T00:00:00Z");
const to = new Date("2026-11-30T00:00:00Z");
const shift = (start: string, end: string, people: (typeof ada)[]): Shift => ({
  from: `2026-11-${start}:00Z`,
  to: `2026-11-${end}:00Z`,
  people,
  because: people.length ? "turn" : "uncovered",
});
const shifts = [
  shift("23T00:00", "24T00:00", [ada]),
  shift("24T00:00", "24T12:00", []),
  shift("24T12:00", "30T00:00", [bob, cy]),
];

test("shifts stand side by side and fill the week", () => {
  const drawn = bars(shifts, from, to);
  expect(drawn.map(({ left }) => Math.round(left))).toEqual([0, 14, 21]);
  expect(drawn.reduce((sum, { width }) => sum + width, 0)).toBeCloseTo(100);
  expect([percent("2026-11-01T00:00:00Z", from, to), percent("2026-12-01T00:00:00Z", from, to)]).toEqual([
    0, 100,
  ]);
});

test("an override for everybody changes each stretch in which others are on call", () => {
  const found = differences(shifts, {
    person: ada,
    from: new Date("2026-11-23T12:00:00Z"),
    to: new Date("2026-11-25T00:00:00Z"),
  });
  expect(found.map(({ before, after }) => [before, after])).toEqual([
    [[], [ada]],
    [[bob, cy], [ada]],
  ]);
  expect(found.map(({ from, to }) => [new Date(from).toISOString(), new Date(to).toISOString()])).toEqual([
    ["2026-11-24T00:00:00.000Z", "2026-11-24T12:00:00.000Z"],
    ["2026-11-24T12:00:00.000Z", "2026-11-25T00:00:00.000Z"],
  ]);
});

test("an override for one person leaves the others, and changes nothing where they are not on call", () => {
  const whole = { from, to };
  const found = differences(shifts, { person: ada, replaces: bob, ...whole });
  expect(found.map(({ after }) => after)).toEqual([[ada, cy]]);
  expect(differences(shifts, { person: bob, replaces: cy, ...whole }).map(({ after }) => after)).toEqual([
    [bob],
  ]);
  expect(differences(shifts, { person: cy, replaces: { id: "dan", name: "Dan" }, ...whole })).toEqual([]);
});
