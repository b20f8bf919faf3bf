// Shares of Unleash's variants, in thousandths: fixed ones stay, the others share what those leave. Pure.
import type { Variant } from "../model";

/** What the weights of all variants sum up to. */
export const WHOLE = 1_000;
const PER_CENT = 10;

/** `12.5` of 125. */
export function percentOf(weight: number): number {
  return weight / PER_CENT;
}

/** What is missing to the whole; negative when there is too much. */
export function missing(variants: Variant[]): number {
  return WHOLE - variants.reduce((sum, { weight }) => sum + weight, 0);
}

/** `20 % more to give`: how far the variants are from the whole; nothing when they sum up to it. */
export function sumWords(variants: Variant[]): string | undefined {
  const rest = missing(variants);
  if (rest === 0 || variants.length === 0) return undefined;
  return rest > 0 ? `${percentOf(rest)} % more to give` : `${percentOf(-rest)} % too much`;
}

/** The same variants, where those that are not fixed share evenly what the fixed ones leave. */
export function evened(variants: Variant[]): Variant[] {
  const rest = WHOLE - variants.filter(isFixed).reduce((sum, { weight }) => sum + weight, 0);
  const count = variants.filter((one) => !isFixed(one)).length;
  const each = Math.floor(Math.max(rest, 0) / Math.max(count, 1));
  // What cannot be shared evenly goes to the first ones, a thousandth each.
  let over = Math.max(rest, 0) - each * count;
  return variants.map((one) => {
    if (isFixed(one)) return one;
    over -= 1;
    return { ...one, weight: each + (over >= 0 ? 1 : 0) };
  });
}

/** The variants with the one at `at` fixed to a share in percent. */
export function fixedAt(variants: Variant[], at: number, percent: number): Variant[] {
  const weight = Math.min(Math.max(Math.round(percent * PER_CENT), 0), WHOLE);
  return evened(put(variants, at, { weight, weightType: "fix" }));
}

/** The variants with the one at `at` sharing again what the fixed ones leave. */
export function freedAt(variants: Variant[], at: number): Variant[] {
  return evened(put(variants, at, { weightType: "variable" }));
}

/** The variants with the fixed one at `at` also taking what is missing, as far as that goes. */
export function restTo(variants: Variant[], at: number): Variant[] {
  const weight = Math.max((variants[at]?.weight ?? 0) + missing(variants), 0);
  return put(variants, at, { weight });
}

/** The variants with another share or other words for the one at `at`. */
export function put(variants: Variant[], at: number, change: Partial<Variant>): Variant[] {
  return variants.map((one, index) => (index === at ? { ...one, ...change } : one));
}

export function isFixed({ weightType }: Variant): boolean {
  return weightType === "fix";
}

/** `33.3 %`: a variant's share among all, which sum up to something else where Unleash's rules are old. */
export function shareWords({ weight }: Variant, variants: Variant[]): string {
  return `${shareOf(weight, variants).toLocaleString("en", { maximumFractionDigits: 1 })} %`;
}

/** A weight's share among all, in percent. */
export function shareOf(weight: number, variants: Variant[]): number {
  const sum = variants.reduce((all, one) => all + one.weight, 0);
  return sum > 0 ? (100 * weight) / sum : 0;
}
