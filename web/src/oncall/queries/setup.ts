// What people set up: schedules, escalation policies, services, contact methods.
import { queryOptions, useMutation } from "@tanstack/react-query";
import { api, body, ifMatch } from "../../api/client";
import type { Schema } from "../../api/schema";

const ALL = { query: { limit: 1000 } };
const meta = { moves: ["oncall"], shown: true };

/** Everybody who may come in. */
export const people = queryOptions({
  queryKey: ["people", "on call"],
  staleTime: 60_000,
  queryFn: async ({ signal }) => {
    const { items } = await body(api.GET("/api/people", { params: ALL, signal }));
    return items.filter(({ disabledAt }) => !disabledAt);
  },
});

export const schedules = queryOptions({
  queryKey: ["oncall", "schedules"],
  queryFn: async ({ signal }) => (await body(api.GET("/api/schedules", { params: ALL, signal }))).items,
});

export const policies = queryOptions({
  queryKey: ["oncall", "policies"],
  queryFn: async ({ signal }) => (await body(api.GET("/api/policies", { params: ALL, signal }))).items,
});

export const services = queryOptions({
  queryKey: ["oncall", "services"],
  queryFn: async ({ signal }) => (await body(api.GET("/api/services", { params: ALL, signal }))).items,
});

export function contactMethods(person: string) {
  return queryOptions({
    queryKey: ["oncall", "contact methods", person],
    // Whether a test arrived shows only here.
    refetchInterval: 5_000,
    queryFn: async ({ signal }) => {
      const params = { path: { id: person } };
      return (await body(api.GET("/api/people/{id}/contact-methods", { params, signal }))).items;
    },
  });
}

/** The catch-all alone may not be deleted, and is never new. */
export type Policy = Omit<Schema["PolicyView"], "deletable"> & { deletable?: boolean };
export type Draft<T extends { key: string; version: number }> = Omit<T, "version"> & { version?: number };

/** Creates the schedule, or replaces the version that was seen. */
export function useSaveSchedule() {
  return useMutation({
    mutationFn: ({ key, version, ...schedule }: Draft<Schema["ScheduleView"]>) => {
      if (version === undefined) return body(api.POST("/api/schedules", { body: { key, ...schedule } }));
      const params = { path: { schedule: key } };
      return body(
        api.PUT("/api/schedules/{schedule}", { params, headers: ifMatch(version), body: schedule }),
      );
    },
    meta,
  });
}

/** Creates the policy, or replaces the version that was seen. */
export function useSavePolicy() {
  return useMutation({
    mutationFn: ({ key, version, deletable: _, ...policy }: Draft<Policy>) => {
      if (version === undefined) return body(api.POST("/api/policies", { body: { key, ...policy } }));
      const params = { path: { policy: key } };
      return body(api.PUT("/api/policies/{policy}", { params, headers: ifMatch(version), body: policy }));
    },
    meta,
  });
}

/** `onSuccess` is called also when the policy is gone from the page by then. */
export function useDeletePolicy(onSuccess: () => void) {
  return useMutation({
    mutationFn: (policy: string) =>
      body(api.DELETE("/api/policies/{policy}", { params: { path: { policy } } })),
    onSuccess,
    meta: { moves: ["oncall"] },
  });
}

/** Creates the service, or replaces the version that was seen. */
export function useSaveService() {
  return useMutation({
    mutationFn: ({
      key,
      version,
      project = null,
      environment = null,
      ...service
    }: Draft<Schema["ServiceView"]>) => {
      if (version === undefined)
        return body(api.POST("/api/services", { body: { key, ...service, project, environment } }));
      const params = { path: { service: key } };
      return body(
        api.PATCH("/api/services/{service}", {
          params,
          headers: ifMatch(version),
          body: { ...service, project, environment },
        }),
      );
    },
    meta,
  });
}

export function useAddContactMethod(person: string) {
  return useMutation({
    mutationFn: (request: Schema["ContactMethodRequest"]) =>
      body(api.POST("/api/people/{id}/contact-methods", { params: { path: { id: person } }, body: request })),
    meta,
  });
}

/** `onSuccess` is called also when the method is gone from the page by then. */
export function useDeleteContactMethod(person: string, onSuccess: () => void) {
  return useMutation({
    mutationFn: (method: string) =>
      body(
        api.DELETE("/api/people/{id}/contact-methods/{method}", { params: { path: { id: person, method } } }),
      ),
    onSuccess,
    meta: { moves: ["oncall"] },
  });
}

/** Sends a test page there. */
export function useTestContactMethod(person: string) {
  return useMutation({
    mutationFn: (method: string) =>
      body(
        api.POST("/api/people/{id}/contact-methods/{method}/test", {
          params: { path: { id: person, method } },
        }),
      ),
    meta: { moves: ["oncall"] },
  });
}
