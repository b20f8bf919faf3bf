// The answer to "is anything risky right now?" in words. Pure.
import type { Schema } from "../api/schema";

type Incident = Schema["IncidentView"];
type Release = Schema["Release"];

/** The whole page in a sentence. */
export function headline(incidents: Incident[], releases: Release[]): string {
  const free = incidents.filter(({ acknowledgement }) => !acknowledgement).length;
  const open = `${count(incidents.length, "incident")} open`;
  const unowned =
    free === 0 ? "" : free === incidents.length ? ", in nobody's hands" : `, ${free} in nobody's hands`;
  const held = releases.filter(({ state }) => state === "held").length;
  const walking = `${count(releases.length, "release")} under way`;
  const parts = [
    incidents.length > 0 && open + unowned,
    releases.length > 0 && walking + (held > 0 ? `, ${held} held` : ""),
  ].filter(Boolean);
  return parts.length === 0 ? "Nothing risky is going on." : `${parts.join("; ")}.`;
}

/** When the last risky thing ended; `undefined` when there never was one. */
export function quietSince(incident?: Incident | null, release?: Release | null): string | undefined {
  const ends = [incident?.times.resolved, release?.endedAt].filter((end) => end != null);
  return ends.sort((a, b) => new Date(b).getTime() - new Date(a).getTime())[0];
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}
