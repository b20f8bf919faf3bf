// What guards have seen, as one of the four meanings. Pure.
import type { Schema } from "../api/schema";
import type { Meaning } from "../ui/Meaning";

/** Evidence from which on no step is taken (`statistics::Policy`). */
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

const VERDICTS: Record<Meaning, string> = {
  healthy: "Healthy",
  suspect: "Suspect",
  regressed: "Regressed",
  unknown: "Cannot tell",
};

/** What the judge says of all guards together. */
export function verdictOf({ judgement }: Schema["Evidence"]): { meaning: Meaning; word: string } {
  const said = judgement?.verdict;
  const meaning = typeof said === "string" && said in VERDICTS ? (said as Meaning) : "unknown";
  return { meaning, word: VERDICTS[meaning] };
}
