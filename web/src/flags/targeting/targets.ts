// A context has one variation by name: naming it anew takes it from where it was. Pure.
import type { Schema } from "../../api/schema";

type Target = Schema["Target"];
type TargetPlace = Schema["TargetPlace"];

/** The targets as they are looked at: those that the order names first, then the others as they come. */
export function inOrder(targets: Target[], order: TargetPlace[]): Target[] {
  const rank = (target: Target) => {
    const place = order.findIndex(
      ({ contextKind, variation }) => contextKind === target.contextKind && variation === target.variation,
    );
    return place < 0 ? order.length : place;
  };
  return targets.toSorted((a, b) => rank(a) - rank(b));
}

/** The targets in which the keys of the one at `at` stand nowhere else of their kind. */
export function merged(targets: Target[], at: number): Target[] {
  const winner = targets[at];
  if (!winner) return targets;
  const taken = new Set(winner.values);
  return targets.map((target, index) =>
    index === at || target.contextKind !== winner.contextKind
      ? target
      : { ...target, values: target.values.filter((key) => !taken.has(key)) },
  );
}
