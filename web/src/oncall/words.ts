// Incidents and duty in plain words.
import type { Schema } from "../api/schema";
import { dayAndTime } from "../lib/calendar";
import { ago } from "../lib/time";
import type { Meaning } from "../ui/Meaning";

export type Incident = Schema["IncidentView"];
type State = Schema["IncidentState"];

export const STATES: Record<State, { word: string; meaning: Meaning }> = {
  triggered: { word: "Triggered", meaning: "regressed" },
  acknowledged: { word: "Acknowledged", meaning: "suspect" },
  mitigated: { word: "Mitigated", meaning: "suspect" },
  resolved: { word: "Resolved", meaning: "healthy" },
};

/** Who has it, in a clause. */
export function owner({ acknowledgement }: Pick<Incident, "acknowledgement">): string {
  return acknowledgement ? `${acknowledgement.by.name} has it` : "nobody has it yet";
}

/** The state of an incident in one or two sentences. */
export function stateOf(incident: Incident, now: Date): string {
  const { times, undone } = incident;
  if (times.resolved) return `Resolved ${ago(times.resolved, now)}.`;
  const began = `Began ${ago(times.started ?? times.detected, now)}; ${owner(incident)}.`;
  const healed = times.recovered ? "The metric is well again." : undefined;
  const back = undone ? `The cause was taken back ${ago(undone.at, now)} by ${undone.by.name}.` : undefined;
  return [began, back, healed ?? escalation(incident, now)].filter(Boolean).join(" ");
}

function escalation({ progress, policy, acknowledgement }: Incident, now: Date): string | undefined {
  if (acknowledgement) return undefined;
  if (progress.stranded) return "Nobody at all could be reached.";
  const paged = progress.last ? `${upper(level(progress.last, policy))} was paged` : undefined;
  const next = progress.nextAt ? `the next step is due ${ago(progress.nextAt, now)}` : undefined;
  const both = [paged, next].filter(Boolean).join("; ");
  // "in 2 min." ends with a full stop of its own.
  return both === "" ? undefined : `${upper(both).replace(/\.$/, "")}.`;
}

/** `level 2`, or `the catch-all` above the policy's last. */
export function level(step: { level: number }, policy: { levels: unknown[] }): string {
  return step.level > policy.levels.length ? "the catch-all" : `level ${step.level}`;
}

/** `Ada and Bob`, `nobody`. */
export function names(people: { name: string }[]): string {
  if (people.length === 0) return "nobody";
  return new Intl.ListFormat("en", { type: "conjunction" }).format(people.map(({ name }) => name));
}

/** Who is on call, until when, and who is next. */
export function handoff({ people, until, next }: Schema["ScheduleDuty"]): string {
  const now = `${upper(names(people))} ${people.length > 1 ? "are" : "is"} on call`;
  return until
    ? `${now} until ${dayAndTime(until)}, then ${names(next)}.`
    : `${now}, with no handoff in sight.`;
}

/** `5 min`, `90 s`, `2 h`. */
export function delay(seconds: number): string {
  if (seconds % 3600 === 0) return `${seconds / 3600} h`;
  if (seconds % 60 === 0) return `${seconds / 60} min`;
  return `${seconds} s`;
}

/** Whom a level pages, in words. */
export function target(
  one: Schema["PolicyTarget"],
  known: { people: { id: string; name: string }[]; schedules: { key: string; name: string }[] },
): string {
  if (one.kind === "person") return known.people.find(({ id }) => id === one.person)?.name ?? one.person;
  if (one.kind === "catchAll") return "the catch-all";
  const schedule = known.schedules.find(({ key }) => key === one.schedule);
  return `whoever is on call in ${schedule?.name ?? one.schedule}`;
}

export function upper(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
