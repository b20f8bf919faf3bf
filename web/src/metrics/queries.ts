// Metrics: listed, defined, changed, and what was counted.
import { infiniteQueryOptions, keepPreviousData, queryOptions, useMutation } from "@tanstack/react-query";
import { api, body, ifMatch } from "../api/client";
import type { Schema } from "../api/schema";
import type { Place } from "../app/place";
import { lately } from "../lib/bins";

export type Metric = Schema["Metric"];
export type Definition = { name: string; description: string; eventKey: string };

const PAGE = 200;
const METRICS = ["metric"];
const LOOK_MS = 2_000;

/** How finely a picture of counts is drawn. */
export const BINS = 60;

const instant = (milliseconds: number) => new Date(milliseconds).toISOString();

/** The metrics of a project by key, page by page. */
export function metricPages(project: string) {
  return infiniteQueryOptions({
    queryKey: [...METRICS, project, "pages"],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ signal, pageParam }) => {
      const params = { path: { project }, query: { limit: PAGE, after: pageParam } };
      return body(api.GET("/api/projects/{project}/metrics", { params, signal }));
    },
    getNextPageParam: ({ next }) => next ?? undefined,
  });
}

export function metric(project: string, key: string) {
  return queryOptions({
    queryKey: [...METRICS, project, "one", key],
    queryFn: ({ signal }) => {
      const params = { path: { project, metric: key } };
      return body(api.GET("/api/projects/{project}/metrics/{metric}", { params, signal }));
    },
  });
}

/** The events of a metric in an environment since `minutes` ago, with the instants between which they were counted. */
export function outcomes(place: Place, key: string, minutes: number) {
  return queryOptions({
    queryKey: ["outcomes", place, key, minutes],
    refetchInterval: LOOK_MS,
    placeholderData: keepPreviousData,
    queryFn: async ({ signal }) => {
      const { from, until } = lately(Date.now(), minutes, BINS);
      const params = { path: { ...place, metric: key }, query: { since: instant(from) } };
      const path = "/api/projects/{project}/environments/{environment}/metrics/{metric}/outcomes";
      return { from, until, items: (await body(api.GET(path, { params, signal }))).items };
    },
  });
}

/** What was changed meanwhile, to be marked on the time axis. */
export function changesSince({ project, environment }: Place, minutes: number) {
  return queryOptions({
    queryKey: ["change", "marks", project, environment, minutes],
    queryFn: async ({ signal }) => {
      const since = instant(lately(Date.now(), minutes, BINS).from);
      const query = { project, environment, since, limit: 20 };
      return (await body(api.GET("/api/changes", { params: { query }, signal }))).items;
    },
  });
}

export function useCreateMetric(project: string) {
  return useMutation({
    mutationFn: (metric: Definition & { key: string }) =>
      body(api.POST("/api/projects/{project}/metrics", { params: { path: { project } }, body: metric })),
    meta: { moves: METRICS, shown: true },
  });
}

export function useChangeMetric(project: string, key: string) {
  return useMutation({
    mutationFn: ({ version, ...change }: Partial<Definition> & { version: number }) => {
      const params = { path: { project, metric: key } };
      return body(
        api.PATCH("/api/projects/{project}/metrics/{metric}", {
          params,
          headers: ifMatch(version),
          body: change,
        }),
      );
    },
    meta: { moves: METRICS, shown: true },
  });
}

export function useDeleteMetric(project: string, key: string) {
  return useMutation({
    mutationFn: (version: number) => {
      const params = { path: { project, metric: key } };
      return body(
        api.DELETE("/api/projects/{project}/metrics/{metric}", { params, headers: ifMatch(version) }),
      );
    },
    meta: { moves: METRICS },
  });
}
