// A segment as its editor holds it, and what leads from one to another as instructions. Pure.
import type { Schema } from "../../api/schema";
import { same } from "../targeting/instructions";
import { type Clause, type Instruction, wholeClause } from "../targeting/model";

export type Members = Record<string, string[]>;
export type SegmentRule = Omit<Schema["SegmentRule"], "clauses" | "id"> & { id: string; clauses: Clause[] };
export type Edited = {
  name: string;
  description: string;
  included: Members;
  excluded: Members;
  rules: SegmentRule[];
};

export const LISTS = ["included", "excluded"] as const;

/** A segment as it came, with what may be absent filled in. */
export function edited(wire: Schema["Segment"]): Edited {
  return {
    name: wire.name,
    description: wire.description ?? "",
    included: wire.included ?? {},
    excluded: wire.excluded ?? {},
    rules: (wire.rules ?? []).map((rule) => ({
      ...rule,
      id: rule.id ?? "",
      clauses: rule.clauses.map(wholeClause),
    })),
  };
}

/** The instructions that lead from `before` to `after`; none when they are the same. */
export function segmentInstructions(before: Edited, after: Edited): Instruction[] {
  const words = (["name", "description"] as const).filter((word) => before[word] !== after[word]);
  const details: Instruction[] =
    words.length === 0
      ? []
      : [{ kind: "updateDetails", ...Object.fromEntries(words.map((word) => [word, after[word]])) }];
  const rules: Instruction[] = same(before.rules, after.rules)
    ? []
    : [{ kind: "replaceRules", rules: after.rules }];
  return [...details, ...LISTS.flatMap((list) => members(list, before[list], after[list])), ...rules];
}

function members(list: (typeof LISTS)[number], before: Members, after: Members): Instruction[] {
  const kinds = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return kinds.flatMap((contextKind): Instruction[] => {
    const [had, has] = [before[contextKind] ?? [], after[contextKind] ?? []];
    const add = has.filter((key) => !had.includes(key));
    const remove = had.filter((key) => !has.includes(key));
    return add.length + remove.length > 0 ? [{ kind: "updateMembers", list, contextKind, add, remove }] : [];
  });
}

/** How many are named. */
export function size(members: Members = {}): number {
  return Object.values(members).reduce((sum, keys) => sum + keys.length, 0);
}
