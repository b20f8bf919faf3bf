// Shares of a rollout. On the wire a weight is thousandths of a percent; all of a rollout sum up to 100,000.
import type { Rollout, Serve, Variation } from "./model";

export const WHOLE = 100_000;
const PER_CENT = 1_000;

/** `12.5` of 12,500. */
export function percentOf(weight: number): number {
  return weight / PER_CENT;
}

/** 12,500 of `12.5`. */
export function weightOf(percent: number): number {
  return Math.round(percent * PER_CENT);
}

/** `12.5 %`. */
export function percentWords(weight: number): string {
  return `${percentOf(weight)} %`;
}

/** What is missing to the whole; negative when there is too much. */
export function missing(rollout: Rollout): number {
  return WHOLE - rollout.variations.reduce((sum, { weight }) => sum + weight, 0);
}

/** The rollout with another share for the entry at `at`. Of two, the other takes the rest, so that they always sum up. */
export function withWeight(rollout: Rollout, at: number, weight: number): Rollout {
  const share = Math.min(Math.max(weight, 0), WHOLE);
  const pair = rollout.variations.length === 2;
  const variations = rollout.variations.map((entry, index) => {
    if (index === at) return { ...entry, weight: share };
    return pair ? { ...entry, weight: WHOLE - share } : entry;
  });
  return { ...rollout, variations };
}

/** The rollout in which the entry at `at` also takes what is missing, as far as that goes. */
export function givenTheRest(rollout: Rollout, at: number): Rollout {
  const entry = rollout.variations[at];
  if (!entry) return rollout;
  const weight = Math.max(entry.weight + missing(rollout), 0);
  return {
    ...rollout,
    variations: rollout.variations.map((one, index) => (index === at ? { ...one, weight } : one)),
  };
}

/** A first rollout for who now gets `serve`: everybody keeps what they have until a share is given away. */
export function rolloutFrom(serve: Serve, variations: Variation[]): Rollout {
  if ("rollout" in serve) return serve.rollout;
  return {
    kind: "rollout",
    contextKind: "user",
    variations: variations.map((_, variation) => ({
      variation,
      weight: variation === serve.variation ? WHOLE : 0,
    })),
  };
}
