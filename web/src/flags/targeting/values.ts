// The values of a clause as people type them. Pure.
import type { Clause } from "./model";

export type Typed = "text" | "number" | "boolean";

const NUMERIC = new Set<Clause["op"]>(["lessThan", "lessThanOrEqual", "greaterThan", "greaterThanOrEqual"]);

/** What type the values have: what the operator needs, or else what those that are there have. */
export function typeOf({ op, values }: Pick<Clause, "op" | "values">): Typed {
  if (NUMERIC.has(op)) return "number";
  if (op !== "in" || values.length === 0) return "text";
  if (values.every((value) => typeof value === "number")) return "number";
  return values.every((value) => typeof value === "boolean") ? "boolean" : "text";
}

/** Each value as text. */
export function asTexts(values: unknown[]): string[] {
  return values.map((value) => (typeof value === "string" ? value : JSON.stringify(value)));
}

/** What was typed, as values of this type; what is none of them is left out. */
export function fromTexts(texts: string[], type: Typed): unknown[] {
  if (type === "number") {
    return texts.map(Number).filter((number, at) => texts[at]?.trim() !== "" && Number.isFinite(number));
  }
  if (type === "boolean")
    return texts.filter((text) => text === "true" || text === "false").map((text) => text === "true");
  return texts;
}

/** What the field says before anything is typed. */
export function example(op: Clause["op"]): string {
  switch (op) {
    case "before":
    case "after":
      return "2026-11-23T12:00:00Z";
    case "semVerEqual":
    case "semVerLessThan":
    case "semVerGreaterThan":
      return "2.1.0";
    case "matches":
      return "^a.*z$";
    case "lessThan":
    case "lessThanOrEqual":
    case "greaterThan":
    case "greaterThanOrEqual":
      return "100";
    default:
      return "a value, then Enter";
  }
}
