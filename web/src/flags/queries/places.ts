// Projects with their environments.
import { queryOptions } from "@tanstack/react-query";
import { api, body } from "../../api/client";
import type { Schema } from "../../api/schema";

const ALL = { limit: 1000 };

export type Project = Schema["ProjectView"] & { environments: Schema["EnvironmentView"][] };

/** Every project with its environments. */
export function projects() {
  return queryOptions({
    queryKey: ["change", "projects"],
    staleTime: 60_000,
    queryFn: async ({ signal }): Promise<Project[]> => {
      const list = await body(api.GET("/api/projects", { params: { query: ALL }, signal }));
      return Promise.all(
        list.items.map(async (project) => {
          const path = { project: project.key };
          const answer = api.GET("/api/projects/{project}/environments", {
            params: { path, query: ALL },
            signal,
          });
          return { ...project, environments: (await body(answer)).items };
        }),
      );
    },
  });
}

/** One environment of a list of projects. */
export function environmentOf(
  list: Project[] | undefined,
  place: { project: string; environment: string },
): Schema["EnvironmentView"] | undefined {
  const project = list?.find(({ key }) => key === place.project);
  return project?.environments.find(({ key }) => key === place.environment);
}
