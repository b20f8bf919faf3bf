// The change log: what was done to a flag, taken back, restored.
import { infiniteQueryOptions, queryOptions, useMutation } from "@tanstack/react-query";
import { api, body } from "../../api/client";
import type { Schema } from "../../api/schema";
import type { Place } from "../../app/place";

export type Change = Schema["ChangeSummary"];

const PAGE = 30;
const MARKED = 100;
const MOVES = ["change", "release"];

/** The changes of a flag, newest first: those of one environment and those of all. */
export function flagChanges({ project, environment }: Place, key: string) {
  return infiniteQueryOptions({
    queryKey: ["change", "log", project, environment, key],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ signal, pageParam }) => {
      const params = { path: { project, flag: key }, query: { environment, limit: PAGE, after: pageParam } };
      return body(api.GET("/api/projects/{project}/flags/{flag}/changes", { params, signal }));
    },
    getNextPageParam: ({ next }) => next ?? undefined,
  });
}

/** The last changes of a flag here, to be marked on a time axis. */
export function changesOf({ project, environment }: Place, key: string) {
  return queryOptions({
    queryKey: ["change", "marks", project, environment, key],
    queryFn: async ({ signal }) => {
      const params = { path: { project, flag: key }, query: { environment, limit: MARKED } };
      return (await body(api.GET("/api/projects/{project}/flags/{flag}/changes", { params, signal }))).items;
    },
  });
}

/** Takes a change back, unless something newer stands on it. */
export function useUndo() {
  return useMutation({
    mutationFn: (seq: number) => body(api.POST("/api/changes/{seq}/undo", { params: { path: { seq } } })),
    meta: { moves: MOVES },
  });
}

/** Makes a flag in one environment what it was after a change. */
export function useRestore(place: Place, key: string) {
  return useMutation({
    mutationFn: (seq: number) =>
      body(
        api.POST("/api/projects/{project}/environments/{environment}/flags/{flag}/restore", {
          params: { path: { ...place, flag: key } },
          body: { seq },
        }),
      ),
    meta: { moves: MOVES },
  });
}
