// On which flags one by Unleash's rules can depend, and how that reads. Pure.
import type { Schema } from "../../api/schema";
import type { FlagView } from "../queries/flags";
import type { Dependency } from "./model";

type Item = Pick<Schema["FlagItem"], "key" | "name" | "bucketing">;

/** The flags among which to choose: by Unleash's rules, neither `own` nor one that it depends on already. */
export function parents(found: Item[], own: string, list: Dependency[]) {
  const taken = new Set([own, ...list.map(({ feature }) => feature)]);
  return found
    .filter(({ key, bucketing }) => bucketing === "unleash" && !taken.has(key))
    .map(({ key, name }) => ({ value: key, label: name }));
}

/** Why nothing can depend on it; SDKs look one level deep. */
export function unfit(parent: FlagView | undefined, environment: string): string | undefined {
  const { dependencies = [] } = parent?.environments[environment]?.configuration ?? {};
  const [first] = dependencies;
  return first && `It depends on ${first.feature} itself, and SDKs look one level deep: depend on that one.`;
}

/** What a flag may come to in an environment, by name: its variants, and those of its strategies. */
export function variantsOf(parent: FlagView | undefined, environment: string): string[] {
  const { variants = [], strategies = [] } = parent?.environments[environment]?.configuration ?? {};
  const own = strategies.flatMap((strategy) => strategy.variants ?? []);
  return [...new Set([...variants, ...own].map(({ name }) => name))];
}

/** `must be on with blue or green`. */
export function dependencyWords({ enabled = true, variants = [] }: Dependency): string {
  if (!enabled) return "must be off";
  return variants.length > 0 ? `must be on with ${variants.join(" or ")}` : "must be on";
}
