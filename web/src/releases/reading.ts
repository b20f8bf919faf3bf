// A guard's reading as one of the four meanings. Pure.
import type { Schema } from "../api/draft2";
import type { Meaning } from "../ui/Meaning";

/** Evidence at which a step is held (`statistics::Policy`). */
export const SUSPECT_AT = 10;

export type Marker = { at: number; name: string };

export function meaningOf({ evidence, threshold, series }: Schema["GuardEvidence"]): {
  meaning: Meaning;
  word: string;
} {
  const seen = series.some(({ treatment }) => treatment.n > 0);
  if (evidence >= threshold) return { meaning: "regressed", word: "Regressed" };
  if (evidence >= SUSPECT_AT) return { meaning: "suspect", word: "Suspect" };
  return seen
    ? { meaning: "healthy", word: "No harm seen" }
    : { meaning: "unknown", word: "Nothing seen yet" };
}

/** The guard that looks worst: the one whose evidence is nearest to its threshold. */
export function worst(guards: Schema["GuardEvidence"][]): Schema["GuardEvidence"] | undefined {
  return [...guards].sort((a, b) => b.evidence / b.threshold - a.evidence / a.threshold)[0];
}
