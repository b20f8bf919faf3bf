// What a flag does in one environment, as the editor holds it: every member there, so that edits are plain copies.
import type { Schema } from "../../api/schema";
import { inOrder } from "./targets";

/** A rule as the API gives and takes it: the document cannot say that `variation` or `rollout` stands beside the rest. */
export type WireRule = Serve & {
  id?: string;
  description?: string;
  clauses: Schema["Clause"][];
  trackEvents?: boolean;
};
export type WireConfiguration = Omit<Schema["Configuration"], "rules"> & { rules?: WireRule[] };

/** What the editor leaves as it is: who reports what, and migrations. */
type Kept = "debugEventsUntil" | "samplingRatio" | "excludeFromSummaries" | "migration" | "targetOrder";
type Held = Omit<Schema["Configuration"], Lists | Kept>;
type Lists = "offVariation" | "rules" | "strategies" | "targets" | "variants" | "dependencies";
export type Configuration = Required<Held> & {
  offVariation: number | null;
  rules: Rule[];
  strategies: Strategy[];
  targets: Target[];
  variants: Variant[];
  dependencies: Dependency[];
};
export type Clause = Required<Schema["Clause"]>;
export type Rollout = Schema["Rollout"];
export type Serve = Schema["Serve"];
export type Rule = Serve & { id: string; description: string; clauses: Clause[]; trackEvents: boolean };
export type Strategy = Schema["Strategy"];
export type Constraint = Schema["Constraint"];
export type Variant = Schema["Variant"];
export type Dependency = Schema["Dependency"];
export type Target = Required<Schema["Target"]>;
export type Prerequisite = Schema["Prerequisite"];
export type Instruction = Schema["Instruction"];
export type Variation = Schema["Variation"];

/** The kind of most contexts. */
export const USER = "user";

/** A configuration as it came, with what may be absent filled in. */
export function whole(wire: WireConfiguration): Configuration {
  return {
    on: wire.on,
    prerequisites: wire.prerequisites ?? [],
    targets: inOrder(wire.targets ?? [], wire.targetOrder ?? []),
    rules: (wire.rules ?? []).map((rule) => ({
      ...rule,
      id: rule.id ?? "",
      description: rule.description ?? "",
      trackEvents: rule.trackEvents ?? false,
      clauses: rule.clauses.map(wholeClause),
    })),
    strategies: wire.strategies ?? [],
    variants: wire.variants ?? [],
    dependencies: wire.dependencies ?? [],
    fallthrough: wire.fallthrough,
    offVariation: wire.offVariation ?? null,
    salt: wire.salt ?? "",
    trackEvents: wire.trackEvents ?? false,
    trackEventsFallthrough: wire.trackEventsFallthrough ?? false,
  };
}

export function wholeClause({
  contextKind = USER,
  attribute = "",
  op,
  values,
  negate = false,
}: Schema["Clause"]): Clause {
  return { contextKind, attribute, op, values, negate };
}

/** What is served, without what else stands beside it in a rule. */
export function serveOf(rule: Serve): Serve {
  return "rollout" in rule ? { rollout: rule.rollout } : { variation: rule.variation };
}

/** The same rule serving something else. */
export function serving(rule: Rule, serve: Serve): Rule {
  const { id, description, clauses, trackEvents } = rule;
  return { id, description, clauses, trackEvents, ...serveOf(serve) };
}

/** What people call a variation: its name, or its value when it has none. */
export function label(variations: Variation[], index: number): string {
  const variation = variations[index];
  if (!variation) return `variation ${index}`;
  if (variation.name) return variation.name;
  return typeof variation.value === "string" ? variation.value : JSON.stringify(variation.value);
}

/** The same, where nothing may be served. */
export function nameOf(variations: Variation[], index: number | null): string {
  return index === null ? "the SDKs’ own default" : label(variations, index);
}
