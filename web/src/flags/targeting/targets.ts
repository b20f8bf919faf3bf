// A context has one variation by name: naming it anew takes it from where it was. Pure.
import type { Target } from "./model";

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
