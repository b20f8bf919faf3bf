// Rules as sentences: what the page says before anybody edits.
import { type Clause, label, type Rule, type Serve, USER, type Variation } from "./model";
import { percentWords } from "./weights";

type Operator = Clause["op"];

/** How each operator reads, plainly and turned around. */
export const OPERATORS: Record<Operator, [string, string]> = {
  in: ["is", "is not"],
  startsWith: ["starts with", "does not start with"],
  endsWith: ["ends with", "does not end with"],
  contains: ["contains", "does not contain"],
  matches: ["matches the pattern", "does not match the pattern"],
  lessThan: ["is less than", "is not less than"],
  lessThanOrEqual: ["is at most", "is more than"],
  greaterThan: ["is more than", "is not more than"],
  greaterThanOrEqual: ["is at least", "is less than"],
  before: ["is before", "is not before"],
  after: ["is after", "is not after"],
  semVerEqual: ["is version", "is not version"],
  semVerLessThan: ["is older than version", "is not older than version"],
  semVerGreaterThan: ["is newer than version", "is not newer than version"],
  segmentMatch: ["is in the segment", "is not in the segment"],
};

export function operatorWords({ op, negate }: Pick<Clause, "op" | "negate">): string {
  return OPERATORS[op][negate ? 1 : 0];
}

/** `email ends with “@acme.com” or “@acme.org”`, `device is in the segment “internal”`. */
export function clauseWords(clause: Clause): string {
  const who = clause.contextKind === USER ? "" : `${clause.contextKind} `;
  const subject = clause.op === "segmentMatch" ? clause.contextKind : `${who}${clause.attribute || "…"}`;
  return `${subject} ${operatorWords(clause)} ${either(clause.values)}`;
}

/** `email ends with “@acme.com” and country is “de”`. */
export function conditionWords(rule: Pick<Rule, "clauses">): string {
  return rule.clauses.map(clauseWords).join(" and ");
}

/** `“on”`, or `1 % “on”, 99 % “off”`. */
export function serveWords(serve: Serve, variations: Variation[]): string {
  if (!("rollout" in serve)) return `“${label(variations, serve.variation)}”`;
  const shares = serve.rollout.variations.filter(({ weight }) => weight > 0);
  return shares
    .map(({ variation, weight }) => `${percentWords(weight)} “${label(variations, variation)}”`)
    .join(", ");
}

const NAMED = 4;

function either(values: unknown[]): string {
  const words = values
    .slice(0, NAMED)
    .map((value) => (typeof value === "string" ? `“${value}”` : JSON.stringify(value)));
  if (values.length > NAMED) words.push(`${values.length - NAMED} others`);
  if (words.length < 2) return words[0] ?? "…";
  return `${words.slice(0, -1).join(", ")} or ${words.at(-1)}`;
}
