import { expect, test } from "vitest";
import {
  audience,
  forecast,
  type Guard,
  type Release,
  reachOf,
  type Step,
  sentence,
  span,
  stateOf,
  tolerated,
} from "./words";

const now = new Date("2026-11-23T12:00:00Z");
const step = (name: string, audience: Step["audience"], minimumSeconds = 0, minimumUnits = 0): Step => ({
  name,
  audience,
  minimumSeconds,
  minimumUnits,
});
const steps = [
  step("Internal", { segment: "internal" }, 300),
  step("10 %", { percentage: 10 }, 600, 200),
  step("Everyone", { percentage: 100 }),
];
const guard: Guard = {
  metric: "errors",
  weight: 1,
  tolerance: { ratio: 1, absolute: 0.002 },
  onRegression: "rollBack",
};
const release = {
  state: "walking",
  plan: { steps, treatmentName: "on", controlName: "off", guards: [guard], alpha: 0.01 },
  progress: { step: 1, stepStartedAt: "2026-11-23T11:56:00Z", taken: [], decisions: 2 },
} as unknown as Release;

test("audiences and spans are told as people say them", () => {
  expect(steps.map(audience)).toEqual(["the segment internal", "10 %", "everyone"]);
  expect([0, 45, 90, 300, 5400, 7200, 86_400, 172_800].map(span)).toEqual([
    "0 s",
    "45 s",
    "90 s",
    "5 min",
    "90 min",
    "2 h",
    "1 day",
    "2 days",
  ]);
});

test("each state has its sentence", () => {
  expect(stateOf(release, now)).toBe("10 % have on since 4 min. ago, step 2 of 3.");
  const hold = {
    reason: "asked" as const,
    sentence: "Held by Ada with 10 %.",
    since: "2026-11-23T11:58:00Z",
  };
  const held = { ...release, state: "held" as const, progress: { ...release.progress, hold } };
  expect(stateOf(held, now)).toBe("Held by Ada with 10 %.");
  const recovery = { since: "2026-11-23T11:57:00Z", stillBad: false, over: false };
  const back = {
    ...release,
    state: "rolledBack" as const,
    endedAt: "2026-11-23T11:57:00Z",
    progress: { ...release.progress, recovery },
  };
  expect(stateOf(back, now)).toBe(
    "Nobody has on any more; taken back 3 min. ago. Watching whether the metrics recover.",
  );
});

test("the forecast says the way, what takes it back, and who is paged", () => {
  const wish = {
    steps,
    treatment: "on",
    control: "off",
    guards: [guard],
    nameOf: () => "Errors",
    service: "shop",
  };
  expect(forecast(wish)).toEqual([
    "On goes to the segment internal (5 min at least), then to 10 % (10 min at least, 200 units in each arm), then to everyone; everyone else keeps off until then.",
    "If Errors gets more than 0.2 percentage points above the control, the release is taken back by itself, in every SDK within a second.",
    "Whoever is on call for shop is paged.",
  ]);
  expect(forecast({ ...wish, guards: [] })[1]).toContain("at least one metric");
});

test("a ratio is told beside the points", () => {
  expect(tolerated({ ratio: 1.5, absolute: 0.01 })).toBe(
    "more than 1.5 times the control plus 1 percentage points",
  );
});

test("every command says its reach before the click", () => {
  expect(reachOf("skip", release)).toBe(
    "Everyone has on within a second, whatever the guards have seen so far.",
  );
  expect(reachOf("abort", release)).toContain("10 % of contexts lose on within a second");
  expect(reachOf("hold", release)).toContain("10 % have on and nobody more");
  const internal = { ...release, progress: { ...release.progress, step: 0 } };
  expect(reachOf("roll-back", internal)).toContain("The segment internal loses on within a second");
});

test("what the judge says reads as a sentence, and leaves keys as they are", () => {
  expect(sentence("no sign of harm: errors: evidence 0.6")).toBe("No sign of harm: errors: evidence 0.6.");
  expect(sentence("errors: nothing was heard")).toBe("errors: nothing was heard.");
});
