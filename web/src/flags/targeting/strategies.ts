// Unleash's strategies in words, and as what is edited of them. Pure.
import type { Constraint, Strategy } from "./model";

/** Operators that compare with a list; the others compare with one value. */
const LISTED = ["IN", "NOT_IN", "STR_STARTS_WITH", "STR_ENDS_WITH", "STR_CONTAINS", "IN_CIDR"];

/** Every operator, with how people say it. */
export const OPERATORS: Record<string, string> = {
  IN: "is",
  NOT_IN: "is not",
  STR_STARTS_WITH: "starts with",
  STR_ENDS_WITH: "ends with",
  STR_CONTAINS: "contains",
  NUM_EQ: "is the number",
  NUM_GT: "is greater than",
  NUM_GTE: "is at least",
  NUM_LT: "is less than",
  NUM_LTE: "is at most",
  DATE_AFTER: "is after",
  DATE_BEFORE: "is before",
  SEMVER_EQ: "is version",
  SEMVER_GT: "is newer than version",
  SEMVER_GTE: "is at least version",
  SEMVER_LT: "is older than version",
  SEMVER_LTE: "is at most version",
  REGEX: "matches",
  IN_CIDR: "is an address of",
};

/** A share of everyone, as most strategies begin. */
export function newStrategy(): Strategy {
  return { name: "flexibleRollout", parameters: { rollout: "0", stickiness: "default" } };
}

/** Whom a strategy lets in. */
export function strategyWords({ name, parameters = {}, constraints = [], disabled }: Strategy): string {
  const where = constraints.map(constraintWords).join(" and ");
  return `${whom(name, parameters)}${where && ` where ${where}`}${disabled ? " (disabled)" : ""}`;
}

function whom(name: string, parameters: Record<string, string>): string {
  switch (name) {
    case "default":
      return "everyone";
    case "flexibleRollout":
      return `${parameters.rollout ?? 0} % of everyone, drawn by ${stickiness(parameters.stickiness)}`;
    case "userWithId":
      return `the users ${parameters.userIds ?? ""}`;
    case "remoteAddress":
      return `the addresses ${parameters.IPs ?? ""}`;
    case "applicationHostname":
      return `the hosts ${parameters.hostNames ?? ""}`;
    default:
      return parameters.percentage ? `${parameters.percentage} % by ${name}` : `whom ${name} lets in`;
  }
}

function stickiness(by?: string): string {
  if (!by || by === "default") return "user, else session, else chance";
  return by === "random" ? "chance" : by;
}

function constraintWords(constraint: Constraint): string {
  const verb = OPERATORS[constraint.operator] ?? constraint.operator;
  const turned = constraint.inverted ? `not: ${verb}` : verb;
  return `${constraint.contextName} ${turned} ${comparedWith(constraint).map((one) => `“${one}”`).join(" or ")}`;
}

/** What a constraint compares with, however many that are. */
export function comparedWith({ operator, values = [], value }: Constraint): string[] {
  if (LISTED.includes(operator)) return values;
  return value === undefined || value === null ? [] : [value];
}

/** The same constraint with another operator or other values, in the member that the operator takes. */
export function comparing(constraint: Constraint, operator: string, compared: string[]): Constraint {
  const { values: _, value: __, ...rest } = constraint;
  return LISTED.includes(operator)
    ? { ...rest, operator, values: compared }
    : { ...rest, operator, value: compared.at(-1) ?? "" };
}
