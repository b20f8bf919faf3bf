// What a flag does in an environment, in few words. Pure.
import type { Schema } from "../api/schema";
import { type Configuration, nameOf, type Variation } from "./targeting/model";
import { percentWords, WHOLE } from "./targeting/weights";
import { serveWords } from "./targeting/words";

/** The same for a flag by Unleash's rules: `On: any of 2 strategies lets in.` */
export function strategiesSentence({ on, strategies }: Configuration): string {
  if (!on) return "Off for everybody.";
  const holding = strategies.filter(({ disabled }) => !disabled).length;
  if (strategies.length === 0) return "On for everybody.";
  if (holding === 0) return "On, and nobody is let in: all strategies are disabled.";
  return holding === 1 ? "On: one strategy says who is let in." : `On: any of ${holding} strategies lets in.`;
}

/** `Off: everybody gets “off”.`, `On: 2 rules first, everyone else gets 10 % “on”, 90 % “off”.` */
export function stateSentence(configuration: Configuration, variations: Variation[]): string {
  if (!configuration.on) return `Off: everybody gets ${offWords(configuration, variations)}.`;
  const first = exceptions(configuration);
  const rest = serveWords(configuration.fallthrough, variations);
  return first ? `On: ${first} first, everyone else gets ${rest}.` : `On: everybody gets ${rest}.`;
}

/** For a table's cell: `Off`, `On`, `On: 10 % on`, `On: 2 rules`. */
export function statusWords(
  { on, rules, targets, shares }: Schema["FlagStatus"],
  bucketing: Schema["Bucketing"] = "launchDarkly",
): string {
  if (!on) return "Off";
  const [noun, nouns] = bucketing === "unleash" ? ["strategy", "strategies"] : ["rule", "rules"];
  const [first, ...others] = shares;
  const split = first && others.length > 0 ? `${percentWords(first.weight)} ${first.name}` : "";
  const parts = [split, counted(targets, "target"), counted(rules, noun, nouns)].filter(Boolean);
  return parts.length > 0 ? `On: ${parts.join(", ")}` : "On";
}

export function offWords({ offVariation }: Configuration, variations: Variation[]): string {
  return offVariation === null ? nameOf(variations, null) : `“${nameOf(variations, offVariation)}”`;
}

/** `2 rules and 3 targets`; nothing when there are none. */
function exceptions({ rules, targets, prerequisites }: Configuration): string {
  const named = targets.reduce((sum, { values }) => sum + values.length, 0);
  const parts = [
    counted(prerequisites.length, "prerequisite"),
    counted(named, "target"),
    counted(rules.length, "rule"),
  ].filter(Boolean);
  return parts.length > 1 ? `${parts.slice(0, -1).join(", ")} and ${parts.at(-1)}` : (parts[0] ?? "");
}

export function counted(n: number, noun: string, nouns = `${noun}s`): string {
  if (n === 0) return "";
  return `${n.toLocaleString("en")} ${n === 1 ? noun : nouns}`;
}

/** Who no target and no rule catches gets what, in shares of the whole. */
export function sharesOf(configuration: Configuration, variations: Variation[]): NamedShare[] {
  const named = (variation: number | null, weight: number) => ({
    variation,
    weight,
    name: nameOf(variations, variation),
  });
  if (!configuration.on) return [named(configuration.offVariation, WHOLE)];
  const { fallthrough } = configuration;
  if (!("rollout" in fallthrough)) return [named(fallthrough.variation, WHOLE)];
  return fallthrough.rollout.variations.map(({ variation, weight }) => named(variation, weight));
}

export type NamedShare = { variation?: number | null; name: string; weight: number };
