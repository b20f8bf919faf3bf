// What the Now page asks: open incidents, releases under way, who is on call.
import { queryOptions } from "@tanstack/react-query";
import { body } from "../api/client";
import { api } from "../api/draft2";
import type { Place } from "../app/place";

const MANY = 100;
// Duty and evidence change with the time, which no event tells.
const DUTY_MS = 30_000;
const EVIDENCE_MS = 5_000;

export const openIncidents = queryOptions({
  queryKey: ["incident", "now"],
  queryFn: async ({ signal }) => {
    const query = { state: "open", limit: MANY };
    return (await body(api.GET("/api/incidents", { params: { query }, signal }))).items;
  },
});

/** The latest incident that is over. */
export const pastIncident = queryOptions({
  queryKey: ["incident", "latest"],
  queryFn: async ({ signal }) => {
    const query = { state: "resolved", limit: 1 };
    return (await body(api.GET("/api/incidents", { params: { query }, signal }))).items[0] ?? null;
  },
});

/** The releases under way, wherever they are. */
export const openReleases = queryOptions({
  queryKey: ["release", "now"],
  queryFn: async ({ signal }) => {
    const query = { state: "open", limit: MANY };
    return (await body(api.GET("/api/releases", { params: { query }, signal }))).items;
  },
});

/** The latest release of an environment. */
export function lastRelease(path: Place) {
  return queryOptions({
    queryKey: ["release", "latest", path],
    queryFn: async ({ signal }) => {
      const params = { path, query: { limit: 1 } };
      const answer = api.GET("/api/projects/{project}/environments/{environment}/releases", {
        params,
        signal,
      });
      return (await body(answer)).items[0] ?? null;
    },
  });
}

/** What the guards of a release have seen. */
export function evidence(id: string) {
  return queryOptions({
    queryKey: ["release", "evidence", id],
    refetchInterval: EVIDENCE_MS,
    queryFn: ({ signal }) =>
      body(api.GET("/api/releases/{id}/evidence", { params: { path: { id } }, signal })),
  });
}

export const onCall = queryOptions({
  queryKey: ["oncall", "now"],
  refetchInterval: DUTY_MS,
  queryFn: ({ signal }) => body(api.GET("/api/on-call", { signal })),
});
