// Unleash's strategies in words, and as what is edited of them. Pure.
import type { Constraint, Strategy } from "./model";
import { drawnBy } from "./variants/variants";

/** Operators that compare with a list; the others compare with one value. */
const LISTED = ["IN", "NOT_IN", "STR_STARTS_WITH", "STR_ENDS_WITH", "STR_CONTAINS", "IN_CIDR"];

/** How each operator reads, plainly and turned around. */
export const OPERATORS: Record<string, [string, string]> = {
  IN: ["is", "is anything but"],
  NOT_IN: ["is not", "is one of"],
  STR_STARTS_WITH: ["starts with", "does not start with"],
  STR_ENDS_WITH: ["ends with", "does not end with"],
  STR_CONTAINS: ["contains", "does not contain"],
  NUM_EQ: ["is the number", "is not the number"],
  NUM_GT: ["is more than", "is not more than"],
  NUM_GTE: ["is at least", "is not at least"],
  NUM_LT: ["is less than", "is not less than"],
  NUM_LTE: ["is at most", "is not at most"],
  DATE_AFTER: ["is after", "is not after"],
  DATE_BEFORE: ["is before", "is not before"],
  SEMVER_EQ: ["is version", "is not version"],
  SEMVER_GT: ["is newer than version", "is not newer than version"],
  SEMVER_GTE: ["is at least version", "is not at least version"],
  SEMVER_LT: ["is older than version", "is not older than version"],
  SEMVER_LTE: ["is at most version", "is not at most version"],
  REGEX: ["matches the pattern", "does not match the pattern"],
  IN_CIDR: ["is an address of", "is no address of"],
};

type Kind = {
  /** What it lets in, for the choice. */
  label: string;
  /** What a new one goes by. */
  start: Record<string, string>;
  /** The parameter that is a list with commas between, and what it lists. */
  list?: { name: string; label: string; example: string };
  /** The parameter that is a share of everyone. */
  share?: string;
};

/** The strategies that people make; others are shown, and kept as they are. */
export const KINDS: Record<string, Kind> = {
  flexibleRollout: {
    label: "A share of everyone",
    start: { rollout: "0", stickiness: "default" },
    share: "rollout",
  },
  default: { label: "Everyone", start: {} },
  userWithId: {
    label: "Users by id",
    start: { userIds: "" },
    list: { name: "userIds", label: "User ids", example: "ada" },
  },
  remoteAddress: {
    label: "Addresses",
    start: { IPs: "" },
    list: { name: "IPs", label: "Addresses and ranges", example: "10.0.0.0/8" },
  },
  applicationHostname: {
    label: "Hosts",
    start: { hostNames: "" },
    list: { name: "hostNames", label: "Names of hosts", example: "web-1.example.com" },
  },
};

/** Older strategies that let a share in. */
const PERCENTAGES = ["gradualRolloutUserId", "gradualRolloutSessionId", "gradualRolloutRandom"];

/** The parameter of a strategy that is a share of everyone, if it has one. */
export function shareOf(name: string): string | undefined {
  return PERCENTAGES.includes(name) ? "percentage" : KINDS[name]?.share;
}

/** A share of everyone, as most strategies begin. */
export function newStrategy(): Strategy {
  return ofKind({ name: "" }, "flexibleRollout");
}

/** The same strategy letting in by something else. */
export function ofKind(strategy: Strategy, name: string): Strategy {
  return drawnAlike({ ...strategy, name, parameters: { ...KINDS[name]?.start } });
}

/** The field by which a strategy and its variants are drawn. */
export function stickinessOf({ parameters = {} }: Strategy): string {
  return parameters.stickiness || "default";
}

/** The same strategy and its variants drawn by another field; by Unleash's default where none is named. */
export function stickTo(strategy: Strategy, field: string): Strategy {
  const parameters = { ...strategy.parameters, stickiness: field || "default" };
  return drawnAlike({ ...strategy, parameters });
}

/** The same strategy with its variants drawn as it is: some SDKs go by the one, and some by the other. */
export function drawnAlike(strategy: Strategy): Strategy {
  const { variants } = strategy;
  return variants?.length ? { ...strategy, variants: drawnBy(variants, stickinessOf(strategy)) } : strategy;
}

/** What a parameter lists. */
export function listed(text = ""): string[] {
  return text
    .split(",")
    .map((one) => one.trim())
    .filter(Boolean);
}

/** Whom a strategy lets in. */
export function strategyWords({ name, parameters = {}, constraints = [], disabled }: Strategy): string {
  const where = constraints.map(constraintWords).join(" and ");
  return `${whom(name, parameters)}${where && ` where ${where}`}${disabled ? " (disabled)" : ""}`;
}

function whom(name: string, parameters: Record<string, string>): string {
  const { list } = KINDS[name] ?? {};
  if (list) return `${WHOM[name]} ${listed(parameters[list.name]).join(", ") || "…"}`;
  if (name === "default") return "everyone";
  if (name === "flexibleRollout") {
    return `${parameters.rollout ?? 0} % of everyone, drawn by ${stickiness(parameters.stickiness)}`;
  }
  return parameters.percentage ? `${parameters.percentage} % by ${name}` : `whom ${name} lets in`;
}

const WHOM: Record<string, string> = {
  userWithId: "the users",
  remoteAddress: "the addresses",
  applicationHostname: "the hosts",
};

function stickiness(by?: string): string {
  if (!by || by === "default") return "user, else session, else chance";
  return by === "random" ? "chance" : by;
}

function constraintWords(constraint: Constraint): string {
  const { contextName, operator, inverted } = constraint;
  const verb = OPERATORS[operator]?.[inverted ? 1 : 0] ?? `${inverted ? "not " : ""}${operator}`;
  const compared = comparedWith(constraint).map((one) => `“${one}”`);
  return `${contextName || "…"} ${verb} ${compared.join(" or ") || "…"}`;
}

export function isListed(operator: string): boolean {
  return LISTED.includes(operator);
}

/** Whether upper and lower case can be the same. */
export function hasCase(operator: string): boolean {
  return operator.startsWith("STR_") || operator === "REGEX";
}

/** What a constraint compares with, however many that are. */
export function comparedWith({ operator, values = [], value }: Constraint): string[] {
  if (isListed(operator)) return values;
  return value === undefined || value === null ? [] : [value];
}

/** The same constraint with another operator or other values, in the member that the operator takes. */
export function comparing(constraint: Constraint, operator: string, compared: string[]): Constraint {
  const { values: _, value: __, caseInsensitive, ...rest } = constraint;
  const cased = caseInsensitive && hasCase(operator) ? { caseInsensitive } : {};
  return isListed(operator)
    ? { ...rest, ...cased, operator, values: compared }
    : { ...rest, ...cased, operator, value: compared.at(-1) ?? "" };
}
