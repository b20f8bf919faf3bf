// What a release can be made of: flags, pipelines, metrics, services.
import { queryOptions } from "@tanstack/react-query";
import { api, body } from "../../api/client";

const ALL = { limit: 1000 };
const ENOUGH = { limit: 20 };

/** The flags whose key or name holds `search`. */
export function flagsLike(project: string, search: string) {
  return queryOptions({
    queryKey: ["change", "release choices", project, search],
    queryFn: async ({ signal }) => {
      const params = { path: { project }, query: { ...ENOUGH, ...(search && { search }) } };
      return (await body(api.GET("/api/projects/{project}/flags", { params, signal }))).items;
    },
  });
}

export function flag(project: string, key: string) {
  return queryOptions({
    queryKey: ["change", "release choice", project, key],
    enabled: key !== "",
    queryFn: ({ signal }) =>
      body(
        api.GET("/api/projects/{project}/flags/{flag}", { params: { path: { project, flag: key } }, signal }),
      ),
  });
}

export function pipelines(project: string) {
  return queryOptions({
    queryKey: ["release", "pipelines", project],
    queryFn: async ({ signal }) => {
      const params = { path: { project } };
      return (await body(api.GET("/api/projects/{project}/pipelines", { params, signal }))).items;
    },
  });
}

export function metrics(project: string) {
  return queryOptions({
    queryKey: ["metric", "release choices", project],
    queryFn: async ({ signal }) => {
      const params = { path: { project }, query: ALL };
      return (await body(api.GET("/api/projects/{project}/metrics", { params, signal }))).items;
    },
  });
}

export const services = queryOptions({
  queryKey: ["oncall", "services"],
  queryFn: async ({ signal }) => {
    return (await body(api.GET("/api/services", { params: { query: ALL }, signal }))).items;
  },
});
