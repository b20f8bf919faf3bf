// Releases, their evidence and decisions, and what people tell them to do.
import { queryOptions, useMutation } from "@tanstack/react-query";
import { api, body } from "../../api/client";
import type { Schema } from "../../api/schema";
import type { Place } from "../../app/place";

const PAGE = 50;
// Evidence grows with every window, which no event tells.
const WATCH_MS = 2_000;

export type ReleaseFilter = { state?: string; flag?: string; limit?: number; after?: string };

/** A page of the releases of an environment, the latest first. */
export function releases(path: Place, filter: ReleaseFilter) {
  const query = { limit: PAGE, ...filter };
  return queryOptions({
    queryKey: ["release", "list", path, query],
    queryFn: ({ signal }) =>
      body(
        api.GET("/api/projects/{project}/environments/{environment}/releases", {
          params: { path, query },
          signal,
        }),
      ),
  });
}

/** The releases under way, wherever they are. */
export const openReleases = queryOptions({
  queryKey: ["release", "open"],
  queryFn: async ({ signal }) => {
    const query = { state: "open", limit: 100 };
    return (await body(api.GET("/api/releases", { params: { query }, signal }))).items;
  },
});

export function release(id: string) {
  return queryOptions({
    queryKey: ["release", "one", id],
    queryFn: ({ signal }) => body(api.GET("/api/releases/{id}", { params: { path: { id } }, signal })),
  });
}

/** What the guards have seen; looked at again and again while `live`. */
export function evidence(id: string, live: boolean) {
  return queryOptions({
    queryKey: ["release", "evidence", id],
    refetchInterval: live ? WATCH_MS : false,
    queryFn: ({ signal }) =>
      body(api.GET("/api/releases/{id}/evidence", { params: { path: { id } }, signal })),
  });
}

/** Its decisions, the latest first. */
export function decisions(id: string) {
  return queryOptions({
    queryKey: ["release", "decisions", id],
    queryFn: async ({ signal }) => {
      const params = { path: { id }, query: { limit: 1000 } };
      const { items } = await body(api.GET("/api/releases/{id}/decisions", { params, signal }));
      return items.sort((a, b) => b.n - a.n);
    },
  });
}

const moves = ["release", "change", "incident"];

export type Command = "hold" | "resume" | "skip" | "abort" | "roll-back";

/** Tells a release to do something; `said` hears what came of it, also when its button is gone by then. */
export function useCommand(id: string, said: (command: Command, after: Schema["Release"]) => void) {
  return useMutation({
    mutationFn: ({ command, comment }: { command: Command; comment: string }) =>
      body(api.POST(`/api/releases/{id}/${command}`, { params: { path: { id } }, body: { comment } })),
    onSuccess: (after, { command }) => said(command, after),
    meta: { moves },
  });
}

/** Starts a release. */
export function useStart(path: Place) {
  return useMutation({
    mutationFn: (request: Schema["NewRelease"]) =>
      body(
        api.POST("/api/projects/{project}/environments/{environment}/releases", {
          params: { path },
          body: request,
        }),
      ),
    meta: { moves, shown: true },
  });
}
