// Projects, their environments, and the keys of those.
import { queryOptions, useMutation } from "@tanstack/react-query";
import { api, body, ifMatch } from "../../api/client";
import type { Schema } from "../../api/schema";
import type { Place } from "../../app/place";

const MOVES = ["change"];

export type Environment = Schema["EnvironmentView"];
export type Project = Schema["ProjectView"] & { environments: Environment[] };
export type SdkKey = Schema["SdkKey"];
export type KeyKind = Schema["KeyKind"];

/** Every project with its environments. */
export function projects() {
  return queryOptions({
    queryKey: ["change", "projects"],
    staleTime: 60_000,
    queryFn: async ({ signal }): Promise<Project[]> => {
      const list = await body(api.GET("/api/projects", { signal }));
      return Promise.all(
        list.items.map(async (project) => {
          const path = { project: project.key };
          const answer = api.GET("/api/projects/{project}/environments", {
            params: { path },
            signal,
          });
          return { ...project, environments: (await body(answer)).items };
        }),
      );
    },
  });
}

/** One environment of a list of projects. */
export function environmentOf(list: Project[] | undefined, place: Place): Environment | undefined {
  const project = list?.find(({ key }) => key === place.project);
  return project?.environments.find(({ key }) => key === place.environment);
}

export function useCreateProject() {
  return useMutation({
    mutationFn: (project: { key: string; name: string }) =>
      body(api.POST("/api/projects", { body: project })),
    meta: { moves: MOVES, shown: true },
  });
}

export function useCreateEnvironment(project: string) {
  return useMutation({
    mutationFn: (environment: { key: string; name: string; production: boolean }) =>
      body(
        api.POST("/api/projects/{project}/environments", {
          params: { path: { project } },
          body: environment,
        }),
      ),
    meta: { moves: MOVES, shown: true },
  });
}

/** What an environment is, beside its key. */
type Details = Partial<Pick<Environment, "name" | "production" | "secureMode">>;

/** Changes what an environment is, if it is still what was seen. */
export function useChangeEnvironment(project: string, { key, version }: Environment) {
  return useMutation({
    mutationFn: (details: Details) =>
      body(
        api.PATCH("/api/projects/{project}/environments/{environment}", {
          params: { path: { project, environment: key } },
          headers: ifMatch(version),
          body: { instructions: [{ kind: "updateDetails", ...details }] },
        }),
      ),
    meta: { moves: MOVES, shown: true },
  });
}

/** The keys by which SDKs name an environment; for writers. */
export function keys(place: Place) {
  return queryOptions({
    queryKey: ["change", "keys", place],
    queryFn: async ({ signal }) => {
      const answer = api.GET("/api/projects/{project}/environments/{environment}/keys", {
        params: { path: place },
        signal,
      });
      return (await body(answer)).items;
    },
  });
}

/** One more key; the others of its kind then hold until `expireOthersAt`. */
export function useAddKey(place: Place) {
  return useMutation({
    mutationFn: (key: { kind: KeyKind; expireOthersAt?: string }) =>
      body(
        api.POST("/api/projects/{project}/environments/{environment}/keys", {
          params: { path: place },
          body: key,
        }),
      ),
    meta: { moves: MOVES, shown: true },
  });
}

/** Refuses a key at once. */
export function useRevokeKey(place: Place) {
  return useMutation({
    mutationFn: (id: string) =>
      body(
        api.DELETE("/api/projects/{project}/environments/{environment}/keys/{id}", {
          params: { path: { ...place, id } },
        }),
      ),
    meta: { moves: MOVES },
  });
}
