// The only fetch: typed by the server's OpenAPI description, refusals thrown as `Problem`.
import createClient, { type Middleware } from "openapi-fetch";
import { Problem, Unreachable } from "./problem";
import type { paths } from "./schema.gen";

const refusals: Middleware = {
  async onResponse({ response }) {
    if (!response.ok) throw await Problem.of(response);
  },
  onError({ error }) {
    if (error instanceof Problem || (error instanceof DOMException && error.name === "AbortError")) return;
    return new Unreachable(error);
  },
};

/** `api.GET("/api/projects/{project}/flags", { params: { path: { project } } })`. */
export const api = createClient<paths>({ baseUrl: globalThis.location?.origin ?? "" });
api.use(refusals);

/** The body of an answer; a refusal was thrown before. */
export async function body<T>(answer: Promise<{ data?: T }>): Promise<T> {
  return (await answer).data as T;
}

/** The header by which a write says which version it saw. */
export function ifMatch(version: number) {
  return { "If-Match": `"${version}"` };
}
