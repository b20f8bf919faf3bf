// Flags: listed, read, made, changed, tried out.
import { infiniteQueryOptions, keepPreviousData, queryOptions, useMutation } from "@tanstack/react-query";
import { api, body, ifMatch } from "../../api/client";
import type { Schema } from "../../api/schema";
import type { Place } from "../../app/place";

type Instruction = Schema["Instruction"];
export type FlagView = Awaited<ReturnType<typeof read>>;
export type FlagFilter = { search?: string; tag?: string };

const PAGE = 200;
const FLAGS = ["change", "flags"];
/** What a change of flags moves. */
const MOVES = ["change"];

/** The flags of a project by key, page by page. */
export function flagPages(project: string, filter: FlagFilter) {
  return infiniteQueryOptions({
    queryKey: [...FLAGS, project, "pages", filter],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ signal, pageParam }) => {
      const params = { path: { project }, query: { ...filter, limit: PAGE, after: pageParam } };
      return body(api.GET("/api/projects/{project}/flags", { params, signal }));
    },
    getNextPageParam: ({ next }) => next ?? undefined,
    placeholderData: keepPreviousData,
  });
}

/** Some flags whose key or name holds `search`, to choose from. */
export function foundFlags(project: string, search: string, limit = 20) {
  const query = { search: search || undefined, limit };
  return queryOptions({
    queryKey: [...FLAGS, project, "found", search, limit],
    queryFn: async ({ signal }) => {
      const params = { path: { project }, query };
      return (await body(api.GET("/api/projects/{project}/flags", { params, signal }))).items;
    },
    placeholderData: keepPreviousData,
  });
}

/** One flag with what it does in each environment. */
export function flag(project: string, key: string) {
  return queryOptions({
    queryKey: [...FLAGS, project, "one", key],
    queryFn: ({ signal }) => read(project, key, signal),
  });
}

function read(project: string, key: string, signal: AbortSignal) {
  const params = { path: { project, flag: key } };
  return body(api.GET("/api/projects/{project}/flags/{flag}", { params, signal }));
}

export type NewFlag = Schema["CreateFlagRequest"];

export function useCreateFlag(project: string) {
  return useMutation({
    mutationFn: (flag: NewFlag) =>
      body(api.POST("/api/projects/{project}/flags", { params: { path: { project } }, body: flag })),
    meta: { moves: MOVES, shown: true },
  });
}

type FlagChange = { instructions: Instruction[]; comment?: string; version: number };

/** Changes what a flag is in every environment. */
export function useChangeFlag(project: string, key: string, { shown = true } = {}) {
  return useMutation({
    mutationFn: ({ version, ...change }: FlagChange) => {
      const params = { path: { project, flag: key } };
      const headers = ifMatch(version);
      return body(api.PATCH("/api/projects/{project}/flags/{flag}", { params, headers, body: change }));
    },
    meta: { moves: MOVES, shown },
  });
}

export function useDeleteFlag(project: string, key: string) {
  return useMutation({
    mutationFn: (version: number) => {
      const params = { path: { project, flag: key } };
      return body(api.DELETE("/api/projects/{project}/flags/{flag}", { params, headers: ifMatch(version) }));
    },
    meta: { moves: MOVES },
  });
}

type ConfigurationChange = { instructions: Instruction[]; comment?: string; version?: number };

/** Changes what a flag does in one environment; with a version, only if it is still that. */
export function useChangeConfiguration(place: Place, key: string, { shown = false } = {}) {
  return useMutation({
    mutationFn: async (change: ConfigurationChange) => {
      const outcome = await patch(place, key, change, { dryRun: false });
      if ("seq" in outcome || "version" in outcome) return outcome;
      throw new Error("The change was answered by a preview.");
    },
    meta: { moves: MOVES, shown },
  });
}

/** What a change would do, in words, and whom it would reach; nothing is written. */
export function preview(place: Place, key: string, change: ConfigurationChange) {
  return queryOptions({
    queryKey: ["preview", place, key, change],
    staleTime: 0,
    queryFn: async ({ signal }) => {
      const outcome = await patch(place, key, change, { dryRun: true, signal });
      if ("seq" in outcome || "version" in outcome) throw new Error("The preview was answered by a change.");
      return outcome;
    },
  });
}

type How = { dryRun: boolean; signal?: AbortSignal };

function patch(
  place: Place,
  key: string,
  { version, ...change }: ConfigurationChange,
  { dryRun, signal }: How,
) {
  const headers = version === undefined ? undefined : ifMatch(version);
  const params = { path: { ...place, flag: key }, query: { dryRun } };
  const path = "/api/projects/{project}/environments/{environment}/flags/{flag}";
  return body(api.PATCH(path, { params, headers, body: change, signal }));
}

/** What a context gets, and why. */
export function useEvaluate(place: Place) {
  return useMutation({
    mutationFn: (question: { context: object; flag?: string }) =>
      body(
        api.POST("/api/projects/{project}/environments/{environment}/evaluate", {
          params: { path: place },
          // What somebody typed: the server says what a context lacks.
          body: question as Schema["EvaluateRequest"],
        }),
      ),
    meta: { shown: true },
  });
}
