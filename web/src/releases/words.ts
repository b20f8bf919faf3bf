// Releases in plain words: where they stand, and what will happen.
import type { Schema } from "../api/schema";
import { ago } from "../lib/time";
import type { Meaning } from "../ui/Meaning";

export type Release = Schema["Release"];
export type Step = Schema["Step"];
/** A guard with what is left out of a request filled in. */
export type Guard = Required<Schema["Guard"]>;
type Plan = Schema["Plan"];

export const STATES: Record<Schema["ReleaseState"], { word: string; meaning: Meaning }> = {
  walking: { word: "Under way", meaning: "healthy" },
  held: { word: "Held", meaning: "suspect" },
  completed: { word: "Completed", meaning: "healthy" },
  rolledBack: { word: "Rolled back", meaning: "regressed" },
  aborted: { word: "Aborted", meaning: "unknown" },
};

/** As the server fills it in. */
export function whole(guard: Schema["Guard"]): Guard {
  return { weight: 1, tolerance: { ratio: 1, absolute: 0.002 }, onRegression: "rollBack", ...guard };
}

export function isOpen({ state }: Pick<Release, "state">): boolean {
  return state === "walking" || state === "held";
}

/** Whom a step reaches: `10 %`, `everyone`, `the segment internal`. */
export function audience({ audience }: Pick<Step, "audience">): string {
  if ("segment" in audience) return `the segment ${audience.segment}`;
  return audience.percentage >= 100 ? "everyone" : `${audience.percentage} %`;
}

/** `90 s`, `5 min`, `2 h`, `3 days`: the largest unit of which it is a whole number. */
export function span(seconds: number): string {
  const units: [number, string][] = [
    [86_400, "day"],
    [3_600, "h"],
    [60, "min"],
  ];
  const [size, unit] = units.find(([size]) => seconds >= size && seconds % size === 0) ?? [1, "s"];
  const number = seconds / size;
  return unit === "day" && number !== 1 ? `${number} days` : `${number} ${unit}`;
}

/** The state of a release in one sentence. */
export function stateOf({ state, plan, progress, endedAt }: Release, now: Date): string {
  const step = plan.steps[progress.step];
  const reach = step ? audience(step) : "nobody";
  const ended = endedAt ? ` ${ago(endedAt, now)}` : "";
  switch (state) {
    case "walking":
      return `${upper(has(reach, plan.treatmentName))} since ${ago(progress.stepStartedAt, now)}, step ${progress.step + 1} of ${plan.steps.length}.`;
    case "held":
      return progress.hold?.sentence ?? `Stands at ${reach} until somebody decides.`;
    case "completed":
      return `Everyone has ${plan.treatmentName}; ended${ended}.`;
    case "rolledBack":
      return `Nobody has ${plan.treatmentName} any more; taken back${ended}. ${recovery(progress)}`.trim();
    case "aborted":
      return `Nobody has ${plan.treatmentName} any more; ended${ended}.`;
  }
}

function recovery({ recovery }: Schema["Progress"]): string {
  if (!recovery) return "";
  if (recovery.recoveredAt) return "The metrics are well again.";
  return recovery.stillBad
    ? "The metrics are still bad."
    : recovery.over
      ? ""
      : "Watching whether the metrics recover.";
}

function has(reach: string, what: string): string {
  return `${reach} ${reach === "everyone" || reach.startsWith("the ") ? "has" : "have"} ${what}`;
}

/** How much worse a guard lets it get. */
export function tolerated({ ratio, absolute }: Guard["tolerance"]): string {
  const points = `${number(absolute * 100)} percentage points`;
  if (ratio <= 1) return `more than ${points} above the control`;
  return `more than ${number(ratio)} times the control plus ${points}`;
}

/** What a guard does when its metric gets worse. */
export function consequence({ onRegression }: Pick<Guard, "onRegression">): string {
  return onRegression === "hold"
    ? "the release stands and somebody is paged"
    : "the release is taken back by itself";
}

export type Wish = {
  steps: Step[];
  treatment: string;
  control: string;
  guards: Guard[];
  nameOf: (metric: string) => string;
  service?: string;
};

/** What will happen once a release is started, sentence by sentence. */
export function forecast({ steps, treatment, control, guards, nameOf, service }: Wish): string[] {
  const way = steps.map((step, place) => `${audience(step)}${place < steps.length - 1 ? asks(step) : ""}`);
  const last = steps.length > 1 ? `; everyone else keeps ${control} until then` : "";
  const watched = guards.map(
    (guard) =>
      `If ${nameOf(guard.metric)} gets ${tolerated(guard.tolerance)}, ${consequence(guard)}, in every SDK within a second.`,
  );
  return [
    `${upper(treatment)} goes to ${way.join(", then to ")}${last}.`,
    ...(watched.length > 0 ? watched : ["Choose at least one metric that must not get worse."]),
    service
      ? `Whoever is on call for ${service} is paged.`
      : "Nobody in particular is paged; alerts go to the default service.",
  ];
}

function asks({ minimumSeconds, minimumUnits = 0 }: Step): string {
  const needs = [
    minimumSeconds > 0 ? `${span(minimumSeconds)} at least` : "",
    minimumUnits > 0 ? `${minimumUnits} units in each arm` : "",
  ].filter(Boolean);
  return needs.length === 0 ? "" : ` (${needs.join(", ")})`;
}

/** What each command does, said before the click. */
export function reachOf(
  command: "hold" | "resume" | "skip" | "abort" | "roll-back",
  release: Release,
): string {
  const { plan, progress } = release;
  const at = plan.steps[progress.step];
  const next = plan.steps[progress.step + 1];
  const share = at ? audience(at) : "those who have it";
  const lose = `${upper(share)}${share.endsWith("%") ? " of contexts lose" : " loses"} ${plan.treatmentName} within a second, in every SDK; everybody gets what the flag served before the release.`;
  switch (command) {
    case "hold":
      return `${upper(has(share, plan.treatmentName))} and nobody more until somebody resumes. The guards keep watching.`;
    case "resume":
      return `Step ${progress.step + 1} starts anew with ${share}; from there it goes on by itself.`;
    case "skip":
      return next
        ? `${upper(has(audience(next), plan.treatmentName))} within a second, whatever the guards have seen so far.`
        : "The release ends: everyone has it.";
    case "abort":
      return `${lose} No incident is opened: it did not hurt.`;
    case "roll-back":
      return `${lose} It counts as a failed release, and its metrics are watched until they recover.`;
  }
}

/** What `alpha` promises, in words. */
export function promise({ alpha }: Pick<Plan, "alpha">): string {
  return `A harmless release is taken back by mistake in at most ${number(alpha * 100)} % of cases, however often one looks.`;
}

/** Starts with a capital, unless with the key of a metric, and ends with a full stop. */
export function sentence(text: string): string {
  const ended = /[.!?]$/.test(text) ? text : `${text}.`;
  return /^[\w.-]+:/.test(text) ? ended : upper(ended);
}

function number(value: number): string {
  return value.toLocaleString("en", { maximumFractionDigits: 3 });
}

function upper(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
