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
  "/api/projects": { get: Op<Page<S["ProjectView"]>> };
  "/api/projects/{project}/environments": { get: Op<Page<S["EnvironmentView"]>> };
  "/api/projects/{project}/flags": { get: Op<Page<{ key: string; name: string }>> };
};
