// Unleash's variants in words, as new ones begin, and what keeps one from being saved. Pure.
import type { Schema } from "../../../api/schema";
import { wrongValue } from "../../variations";
import { same } from "../instructions";
import type { Configuration, Variant } from "../model";
import { evened, missing, shareWords } from "./shares";

export type PayloadType = Schema["PayloadType"];
type Override = NonNullable<Variant["overrides"]>[number];

export const PAYLOADS: Record<PayloadType, string> = {
  string: "Text",
  json: "JSON",
  csv: "CSV",
  number: "Number",
};

/** The variants with one more, which shares what the fixed ones leave and is drawn as the others are. */
export function withNew(variants: Variant[], stickiness?: string): Variant[] {
  const names = new Set(variants.map(({ name }) => name));
  let number = variants.length + 1;
  while (names.has(`variant-${number}`)) number += 1;
  const drawn = stickiness ? { stickiness } : {};
  return evened([...variants, { name: `variant-${number}`, weight: 0, weightType: "variable", ...drawn }]);
}

/** The variants without the one at `at`. */
export function without(variants: Variant[], at: number): Variant[] {
  return evened(variants.filter((_, index) => index !== at));
}

/** The same variants, all drawn by one field, as Unleash wants it; by its default where none is named. */
export function drawnBy(variants: Variant[], stickiness: string): Variant[] {
  return variants.map(({ stickiness: _, ...rest }) => (stickiness ? { ...rest, stickiness } : rest));
}

/** What is wrong with a variant, by field. */
export type Wrong = { name?: string; value?: string; overrides: (string | undefined)[] };

/** What keeps the variant at `at` from being saved. */
export function wrongOf(variants: Variant[], at: number): Wrong {
  const { name = "", payload, overrides = [] } = variants[at] ?? {};
  return {
    name: wrongName(
      name,
      variants.some((one, index) => index !== at && one.name === name),
    ),
    value: payload ? wrongPayload(payload.type, payload.value) : undefined,
    overrides: overrides.map(wrongOverride),
  };
}

/** The first thing that keeps it from being saved. */
export function firstWrong({ name, value, overrides }: Wrong): string | undefined {
  return name ?? value ?? overrides.find((one) => one !== undefined);
}

function wrongName(name: string, taken: boolean): string | undefined {
  if (name.trim() === "") return "Give it a name.";
  return taken ? "Another variant has this name." : undefined;
}

function wrongPayload(type: PayloadType, value: string): string | undefined {
  return type === "json" || type === "number" ? wrongValue(type, value) : undefined;
}

function wrongOverride({ contextName, values }: Override): string | undefined {
  if (contextName.trim() === "") return "Name a field.";
  return values.length === 0 ? "Name at least one value." : undefined;
}

/** Whether something is to be mended before a configuration can be saved; what stood so before may stay. */
export function hasWrong(before: Configuration, after: Configuration): boolean {
  const stored = lists(before);
  const changed = lists(after).filter((list) => !stored.some((one) => same(one, list)));
  const weights = (list: Variant[]) => list.map(({ weight }) => weight);
  return changed.some((list) => {
    const uneven = missing(list) !== 0 && !stored.some((one) => same(weights(one), weights(list)));
    return list.some((_, at) => firstWrong(wrongOf(list, at))) || (list.length > 0 && uneven);
  });
}

function lists({ variants, strategies }: Configuration): Variant[][] {
  return [variants, ...strategies.map((strategy) => strategy.variants ?? [])];
}

/** `50 % blue with “#00f”, always for userId “ada”`. */
export function variantWords(variant: Variant, variants: Variant[]): string {
  const { name, payload, overrides = [] } = variant;
  const brings = payload ? ` with ${payload.value ? `“${payload.value}”` : "nothing in it"}` : "";
  const whom = overrides.map(overrideWords).join(" or ");
  return `${shareWords(variant, variants)} ${name || "…"}${brings}${whom && `, always for ${whom}`}`;
}

function overrideWords({ contextName, values }: Override): string {
  return `${contextName || "…"} ${values.map((one) => `“${one}”`).join(" or ") || "…"}`;
}
