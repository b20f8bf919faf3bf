// From what stands to what shall stand, as the instructions of the change language. Pure.
import {
  type Configuration,
  type Dependency,
  type Instruction,
  type Prerequisite,
  type Rule,
  type Strategy,
  serveOf,
  type Target,
  type Variant,
} from "./model";

/** The instructions that lead from `before` to `after`; none when they are the same. */
export function instructionsBetween(before: Configuration, after: Configuration): Instruction[] {
  return [
    ...onOff(before, after),
    ...prerequisites(before.prerequisites, after.prerequisites),
    ...targets(before.targets, after.targets),
    ...rules(before.rules, after.rules),
    ...strategies(before.strategies, after.strategies),
    ...variants(before.variants, after.variants),
    ...dependencies(before.dependencies, after.dependencies),
    ...fallthrough(before, after),
  ];
}

function onOff(before: Configuration, after: Configuration): Instruction[] {
  const list: Instruction[] = [];
  if (before.on !== after.on) list.push({ kind: after.on ? "turnFlagOn" : "turnFlagOff" });
  if (before.offVariation !== after.offVariation) {
    list.push({ kind: "setOffVariation", variation: after.offVariation });
  }
  return list;
}

function strategies(before: Strategy[], after: Strategy[]): Instruction[] {
  return same(before, after) ? [] : [{ kind: "replaceStrategies", strategies: after }];
}

function variants(before: Variant[], after: Variant[]): Instruction[] {
  return same(before, after) ? [] : [{ kind: "replaceVariants", variants: after }];
}

function dependencies(before: Dependency[], after: Dependency[]): Instruction[] {
  return same(before, after) ? [] : [{ kind: "replaceDependencies", dependencies: after }];
}

function fallthrough(before: Configuration, after: Configuration): Instruction[] {
  if (same(serveOf(before.fallthrough), serveOf(after.fallthrough))) return [];
  return [{ kind: "setFallthrough", ...serveOf(after.fallthrough) }];
}

function prerequisites(before: Prerequisite[], after: Prerequisite[]): Instruction[] {
  const kept = new Set(before.filter((one) => after.some((other) => same(one, other))).map(({ key }) => key));
  const removed = before
    .filter(({ key }) => !kept.has(key))
    .map(({ key }): Instruction => ({ kind: "removePrerequisite", key }));
  // From the last to the first, so that what each stands before is there already.
  const added = after
    .map(({ key, variation }, at) => ({ key, variation, before: after[at + 1]?.key }))
    .filter(({ key }) => !kept.has(key))
    .reverse()
    .map((one): Instruction => ({ kind: "addPrerequisite", ...one }));
  return [...removed, ...added];
}

function targets(before: Target[], after: Target[]): Instruction[] {
  const added = differences(after, before);
  // Adding a context moves it from the variation that it had, which needs no word of its own.
  const moved = (contextKind: string, key: string) =>
    added.some((one) => one.contextKind === contextKind && one.values.includes(key));
  const removed = differences(before, after).map((one) => ({
    ...one,
    values: one.values.filter((key) => !moved(one.contextKind, key)),
  }));
  return [
    ...removed
      .filter(({ values }) => values.length > 0)
      .map((one): Instruction => ({ kind: "removeTargets", ...one })),
    ...added.map((one): Instruction => ({ kind: "addTargets", ...one })),
  ];
}

/** What `some` has and `others` lack, by kind and variation. */
function differences(some: Target[], others: Target[]): Target[] {
  return some.flatMap(({ contextKind, variation, values }) => {
    const known = new Set(
      others
        .filter((other) => other.contextKind === contextKind && other.variation === variation)
        .flatMap((other) => other.values),
    );
    const own = [...new Set(values)].filter((value) => !known.has(value));
    return own.length > 0 ? [{ contextKind, variation, values: own }] : [];
  });
}

function rules(before: Rule[], after: Rule[]): Instruction[] {
  const old = new Map(before.map((rule) => [rule.id, rule]));
  const wanted = new Set(after.map(({ id }) => id));
  const removed = before
    .filter(({ id }) => !wanted.has(id))
    .map(({ id }): Instruction => ({ kind: "removeRule", ruleId: id }));
  const replaced = after
    .filter((rule) => old.has(rule.id) && !same(old.get(rule.id), rule))
    .map((rule): Instruction => ({ kind: "replaceRule", rule }));

  const order = before.map(({ id }) => id).filter((id) => wanted.has(id));
  const places = after.filter(({ id }) => old.has(id)).map(({ id }) => order.indexOf(id));
  const staying = new Set(longestIncreasing(places).map((place) => order[place]));
  // From the last to the first, so that what each stands before has its place already.
  const placed = after
    .map((rule, at) => ({ rule, before: after[at + 1]?.id }))
    .filter(({ rule }) => !staying.has(rule.id))
    .reverse()
    .map(
      ({ rule, before }): Instruction =>
        old.has(rule.id) ? { kind: "moveRule", ruleId: rule.id, before } : { kind: "addRule", rule, before },
    );
  return [...removed, ...replaced, ...placed];
}

/** The longest subsequence that grows; what is in it need not move. */
function longestIncreasing(numbers: number[]): number[] {
  const best: number[][] = [];
  for (const number of numbers) {
    const shorter = best.filter((chain) => (chain.at(-1) ?? -1) < number);
    const longest = shorter.reduce<number[]>((a, b) => (b.length > a.length ? b : a), []);
    best.push([...longest, number]);
  }
  return best.reduce<number[]>((a, b) => (b.length > a.length ? b : a), []);
}

/** Whether two plain values hold the same, however their members are ordered. */
export function same(one: unknown, other: unknown): boolean {
  if (Object.is(one, other)) return true;
  if (typeof one !== "object" || typeof other !== "object" || one === null || other === null) return false;
  if (Array.isArray(one) !== Array.isArray(other)) return false;
  const [a, b] = [one as Record<string, unknown>, other as Record<string, unknown>];
  const keys = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...keys].every((key) => same(a[key], b[key]));
}
