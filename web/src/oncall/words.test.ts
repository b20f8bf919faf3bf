import { expect, test } from "vitest";
import { delay, handoff, type Incident, names, stateOf, target } from "./words";

const now = new Date("2026-11-23T12:00:00Z");
const ada = { kind: "person", id: "per_1", name: "Ada" } as const;
const triggered = {
  state: "triggered",
  times: { started: "2026-11-23T11:57:00Z", detected: "2026-11-23T11:57:20Z" },
  policy: { key: "default", version: 1, levels: [{ targets: [], delaySeconds: 300 }], repeat: 0 },
  progress: { last: { round: 0, level: 1 }, sinceRound: 0, nextAt: "2026-11-23T12:02:00Z", stranded: false },
} as unknown as Incident;

test("an incident that nobody has says who was paged and what comes next", () => {
  expect(stateOf(triggered, now)).toBe(
    "Began 3 min. ago; nobody has it yet. Level 1 was paged; the next step is due in 2 min.",
  );
});

test("above the last level stands the catch-all", () => {
  const progress = { ...triggered.progress, last: { round: 1, level: 2 }, nextAt: undefined };
  expect(stateOf({ ...triggered, progress }, now)).toContain("The catch-all was paged.");
});

test("an incident that is taken back and in hand says by whom, and of no escalation", () => {
  const acknowledgement = { by: ada, at: "2026-11-23T11:58:00Z" };
  const undone = { change: 42, by: ada, at: "2026-11-23T11:59:00Z" };
  expect(stateOf({ ...triggered, acknowledgement, undone }, now)).toBe(
    "Began 3 min. ago; Ada has it. The cause was taken back 1 min. ago by Ada.",
  );
});

test("a resolved incident says only that", () => {
  const times = { ...triggered.times, resolved: "2026-11-23T11:00:00Z" };
  expect(stateOf({ ...triggered, times }, now)).toBe("Resolved 1 hr. ago.");
});

test("handoffs name both people and the moment, and an empty schedule says nobody", () => {
  const duty = { schedule: "primary", name: "Primary", people: [ada], next: [{ id: "per_2", name: "Bob" }] };
  expect(handoff({ ...duty, until: "2026-11-24T09:00:00" })).toBe(
    "Ada is on call until Tue 24 Nov, 09:00, then Bob.",
  );
  expect(handoff({ ...duty, people: [], next: [] })).toBe("Nobody is on call, with no handoff in sight.");
  expect(names([ada, { name: "Bob" }, { name: "Cy" }])).toBe("Ada, Bob, and Cy");
});

test("delays are told in their largest whole unit", () => {
  expect([90, 300, 7200].map(delay)).toEqual(["90 s", "5 min", "2 h"]);
});

test("targets are told by name, and by id when the name is not known", () => {
  const known = { people: [{ id: "per_1", name: "Ada" }], schedules: [{ key: "primary", name: "Primary" }] };
  expect(target({ kind: "person", person: "per_1" }, known)).toBe("Ada");
  expect(target({ kind: "person", person: "per_9" }, known)).toBe("per_9");
  expect(target({ kind: "schedule", schedule: "primary" }, known)).toBe("whoever is on call in Primary");
});
