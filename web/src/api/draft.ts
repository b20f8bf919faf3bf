// The shapes of the API until docs/openapi.json is generated; replaced by schema.gen.ts.

type Op<Answer, Body = undefined> = (Body extends undefined
  ? { requestBody?: never }
  : { requestBody: { content: { "application/json": Body } } }) & {
  // biome-ignore lint/suspicious/noExplicitAny: until the schema says more
  parameters: { path?: any; query?: any; header?: any };
  responses: { 200: { content: { "application/json": Answer } } };
};
type Page<T> = { items: T[]; next?: string };
type S = components["schemas"];

export type components = {
  schemas: {
    Me: { id: string; name: string; kind: string; role: S["Role"]; person?: S["Person"] };
    Role: "reader" | "writer" | "admin";
    Person: {
      id: string;
      email: string;
      name: string;
      role: S["Role"];
      invited: boolean;
      createdAt: string;
      disabledAt?: string;
    };
    Token: {
      id: string;
      name: string;
      kind: "personal" | "service";
      personId?: string;
      role: S["Role"];
      createdAt: string;
      expiresAt?: string;
      revokedAt?: string;
      lastUsedAt?: string;
    };
    Invitation: { person: S["Person"]; link: string; expiresAt: string };
    NewToken: { token: S["Token"]; secret: string };
    ProjectView: { key: string; version: number; name: string; description: string };
    EnvironmentView: { key: string; version: number; name: string; production: boolean };
    Variation: { id: string; name: string; description: string; value: unknown };
    Flag: {
      name: string;
      description: string;
      kind: S["FlagKind"];
      variations: S["Variation"][];
      defaults: { onVariation: number; offVariation: number };
      tags: string[];
      temporary: boolean;
      clientSideAvailability: { usingMobileKey: boolean; usingEnvironmentId: boolean };
      maintainerId?: string | null;
      salt: string;
      deleted?: boolean;
    };
    FlagKind: "boolean" | "string" | "number" | "json";
    Operator:
      | "in"
      | "startsWith"
      | "endsWith"
      | "contains"
      | "matches"
      | "lessThan"
      | "lessThanOrEqual"
      | "greaterThan"
      | "greaterThanOrEqual"
      | "before"
      | "after"
      | "semVerEqual"
      | "semVerLessThan"
      | "semVerGreaterThan"
      | "segmentMatch";
    Clause: {
      contextKind?: string;
      attribute?: string;
      op: S["Operator"];
      values: unknown[];
      negate?: boolean;
    };
    WeightedVariation: { variation: number; weight: number; untracked?: boolean };
    Rollout: {
      kind?: "rollout" | "experiment";
      contextKind?: string;
      variations: S["WeightedVariation"][];
      bucketBy?: string | null;
      seed?: number | null;
    };
    Serve: { variation: number } | { rollout: S["Rollout"] };
    Rule: S["Serve"] & { id?: string; description?: string; clauses: S["Clause"][]; trackEvents?: boolean };
    Target: { contextKind?: string; variation: number; values: string[] };
    Prerequisite: { key: string; variation: number };
    Configuration: {
      on: boolean;
      prerequisites?: S["Prerequisite"][];
      targets?: S["Target"][];
      rules?: S["Rule"][];
      fallthrough: S["Serve"];
      offVariation?: number | null;
      salt?: string;
      trackEvents?: boolean;
      trackEventsFallthrough?: boolean;
    };
    Instruction: { kind: string } & Record<string, unknown>;
  };
};

export type paths = {
  "/api/me": { get: Op<S["Me"]> };
  "/api/setup": {
    get: Op<{ needed: boolean }>;
    post: Op<S["Me"], { token: string; name: string; email: string; password: string }>;
  };
  "/api/login": { post: Op<S["Me"], { email: string; password: string }> };
  "/api/logout": { post: Op<undefined> };
  "/api/me/password": { post: Op<undefined, { current: string; new: string }> };
  "/api/people": {
    get: Op<Page<S["Person"]>>;
    post: Op<S["Invitation"], { name: string; email: string; role: S["Role"] }>;
  };
  "/api/people/{id}": { patch: Op<S["Person"], { name?: string; role?: S["Role"]; disabled?: boolean }> };
  "/api/people/{id}/invitations": { post: Op<S["Invitation"]> };
  "/api/invitations/accept": { post: Op<S["Me"], { token: string; password: string }> };
  "/api/tokens": {
    get: Op<Page<S["Token"]>>;
    post: Op<
      S["NewToken"],
      { name: string; kind: "personal" | "service"; role: S["Role"]; expiresAt?: string }
    >;
  };
  "/api/tokens/{id}": { delete: Op<undefined> };
  "/api/projects": { get: Op<Page<S["ProjectView"]>> };
  "/api/projects/{project}/environments": { get: Op<Page<S["EnvironmentView"]>> };
  "/api/projects/{project}/flags": { get: Op<Page<{ key: string; name: string }>> };
};
