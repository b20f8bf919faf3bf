// Variations as people type them, and as the API takes them. Pure.
import type { Schema } from "../api/schema";

export type Kind = Schema["FlagKind"];
export type EditedVariation = { name: string; text: string };

/** What a new flag of each kind starts with. */
export const STARTS: Record<Kind, EditedVariation[]> = {
  boolean: [
    { name: "on", text: "true" },
    { name: "off", text: "false" },
  ],
  string: [
    { name: "", text: "new" },
    { name: "", text: "old" },
  ],
  number: [
    { name: "", text: "1" },
    { name: "", text: "0" },
  ],
  json: [
    { name: "new", text: "{}" },
    { name: "old", text: "{}" },
  ],
};

/** The value that was typed; undefined when it is none of this kind. */
export function parsed(kind: Kind, text: string): unknown {
  if (kind === "string") return text;
  try {
    const value: unknown = JSON.parse(text);
    return kind === "json" || typeof value === kind ? value : undefined;
  } catch {
    return undefined;
  }
}

/** A value as it is typed. */
export function textOf(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value, null, 2);
}

/** What is wrong with what was typed; undefined when nothing is. */
export function wrongValue(kind: Kind, text: string): string | undefined {
  if (parsed(kind, text) !== undefined) return undefined;
  return { boolean: "Type true or false.", number: "Type a number.", json: "This is not JSON.", string: "" }[
    kind
  ];
}

export function wrongValues(kind: Kind, variations: EditedVariation[]): boolean {
  return variations.some(({ text }) => wrongValue(kind, text) !== undefined);
}

export function toWire(kind: Kind, variations: EditedVariation[]): { name: string; value: unknown }[] {
  return variations.map(({ name, text }) => ({ name, value: parsed(kind, text) }));
}

/** A key from a name: `Checkout, second version` is `checkout-second-version`. */
export function keyFrom(name: string): string {
  const plain = name.normalize("NFKD").replace(/[\u0300-\u036f]/g, "");
  return plain
    .toLowerCase()
    .replace(/[^a-z0-9._]+/g, "-")
    .replace(/^[-._]+|[-._]+$/g, "");
}
