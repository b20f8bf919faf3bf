// What people set up: schedules, escalation policies, services, contact methods.
import { queryOptions, useMutation } from "@tanstack/react-query";
import { body, ifMatch } from "../../api/client";
import { api, type Schema } from "../../api/draft2";

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
      const params = { path: { id: person }, ...ALL };
      return (await body(api.GET("/api/people/{id}/contact-methods", { params, signal }))).items;
    },
  });
}

export type Draft<T extends { key: string; version: number }> = Omit<T, "version"> & { version?: number };

/** Creates the schedule, or replaces the version that was seen. */
export function useSaveSchedule() {
  return useMutation({
    mutationFn: ({ key, version, ...schedule }: Draft<Schema["ScheduleView"]>) => {
      if (version === undefined) return body(api.POST("/api/schedules", { body: { key, ...schedule } }));
      const params = { path: { schedule: key }, header: ifMatch(version) };
      return body(api.PUT("/api/schedules/{schedule}", { params, body: schedule }));
    },
    meta,
  });
}

/** Creates the policy, or replaces the version that was seen. */
export function useSavePolicy() {
  return useMutation({
    mutationFn: ({ key, version, ...policy }: Draft<Schema["PolicyView"]>) => {
      if (version === undefined) return body(api.POST("/api/policies", { body: { key, ...policy } }));
      const params = { path: { policy: key }, header: ifMatch(version) };
      return body(api.PUT("/api/policies/{policy}", { params, body: policy }));
    },
    meta,
  });
}

export function useDeletePolicy() {
  return useMutation({
    mutationFn: (policy: string) =>
      body(api.DELETE("/api/policies/{policy}", { params: { path: { policy } } })),
    meta: { moves: ["oncall"] },
  });
}

/** Creates the service, or replaces the version that was seen. */
export function useSaveService() {
  return useMutation({
    mutationFn: ({ key, version, ...service }: Draft<Schema["ServiceView"]>) => {
      if (version === undefined) return body(api.POST("/api/services", { body: { key, ...service } }));
      const params = { path: { service: key }, header: ifMatch(version) };
      return body(api.PATCH("/api/services/{service}", { params, body: service }));
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

export function useDeleteContactMethod(person: string) {
  return useMutation({
    mutationFn: (method: string) =>
      body(
        api.DELETE("/api/people/{id}/contact-methods/{method}", { params: { path: { id: person, method } } }),
      ),
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
