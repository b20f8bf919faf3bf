// Live events in words. Pure.
import type { LiveEvent } from "../queries/live";

export const KINDS: { value: LiveEvent["kind"]; label: string }[] = [
  { value: "evaluation", label: "Evaluation" },
  { value: "summary", label: "Summary" },
  { value: "custom", label: "Custom" },
  { value: "identify", label: "Identify" },
  { value: "index", label: "Index" },
  { value: "debug", label: "Debug" },
  { value: "other", label: "Other" },
];

export function kindWord(kind: LiveEvent["kind"]): string {
  return KINDS.find(({ value }) => value === kind)?.label ?? kind;
}

/** `10:04:12`, in the zone of whoever reads. */
export function timeWords(at: string): string {
  return new Date(at).toLocaleTimeString("en-GB");
}

/** What came out, or how much: `→ true (variation 0)`, `3 × false`, `12.5`. */
export function outcomeWords({ kind, value, variation, count, metricValue }: LiveEvent): string {
  const served = value === undefined ? "" : JSON.stringify(value);
  const which = variation == null ? "the default in the code" : `variation ${variation}`;
  if (count != null) return `${count.toLocaleString("en")} × ${served || "null"} (${which})`;
  if (kind === "evaluation" || kind === "debug") return `→ ${served || "null"} (${which})`;
  return metricValue == null ? "" : metricValue.toLocaleString("en");
}

/** What else is said of whom it tells, and why: `plan: "gold" · private: email · FALLTHROUGH`. */
export function detailWords({ contexts, reason }: LiveEvent): string {
  const words = contexts.map(contextWords).filter(Boolean);
  const kind = (reason as { kind?: unknown } | null | undefined)?.kind;
  if (typeof kind === "string") words.push(kind);
  return words.join(" · ");
}

export function contextWords({ attributes, redacted }: LiveEvent["contexts"][number]): string {
  const told = Object.entries(attributes).map(([name, value]) => `${name}: ${JSON.stringify(value)}`);
  const hidden = redacted.length > 0 ? [`private: ${redacted.join(", ")}`] : [];
  return [...told, ...hidden].join(" · ");
}
