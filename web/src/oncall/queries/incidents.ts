// Incidents, and what people do about them.
import { queryOptions, useMutation } from "@tanstack/react-query";
import { api, body } from "../../api/client";

const PAGE = 50;

export type IncidentFilter = { state?: string; service?: string; limit?: number; after?: string };

/** A page of incidents, the latest first. */
export function incidents(filter: IncidentFilter) {
  const query = { limit: PAGE, ...filter };
  return queryOptions({
    queryKey: ["incident", "list", query],
    queryFn: ({ signal }) => body(api.GET("/api/incidents", { params: { query }, signal })),
  });
}

/** One incident with its timeline, suspects, alerts and pages. */
export function incident(id: string) {
  return queryOptions({
    queryKey: ["incident", "one", id],
    queryFn: ({ signal }) => body(api.GET("/api/incidents/{id}", { params: { path: { id } }, signal })),
  });
}

const moves = ["incident", "change", "release"];

/** Hears what came of an action, also when its button is gone by then. */
type Said = (answer: { sentence: string }) => void;

/** Takes the incident in hand. */
export function useAcknowledge(id: string, onSuccess: Said) {
  const params = { path: { id } };
  return useMutation({
    mutationFn: () => body(api.POST("/api/incidents/{id}/acknowledge", { params })),
    onSuccess,
    meta: { moves },
  });
}

/** Says that it is over. */
export function useResolve(id: string, onSuccess: Said) {
  const params = { path: { id } };
  return useMutation({
    mutationFn: () => body(api.POST("/api/incidents/{id}/resolve", { params })),
    onSuccess,
    meta: { moves },
  });
}

/** Takes the change back that caused the incident. */
export function useUndoCause(id: string, onSuccess: Said) {
  const params = { path: { id } };
  return useMutation({
    mutationFn: () => body(api.POST("/api/incidents/{id}/undo", { params })),
    onSuccess,
    meta: { moves },
  });
}

/** Takes back a change that is only suspected. */
export function useUndoChange(onSuccess: Said) {
  return useMutation({
    mutationFn: (seq: number) => body(api.POST("/api/changes/{seq}/undo", { params: { path: { seq } } })),
    onSuccess: (_, seq) => onSuccess({ sentence: `Change ${seq} is taken back.` }),
    meta: { moves },
  });
}

/** Writes something on the timeline. */
export function useNote(id: string) {
  const params = { path: { id } };
  return useMutation({
    mutationFn: (text: string) => body(api.POST("/api/incidents/{id}/note", { params, body: { text } })),
    meta: { moves, shown: true },
  });
}
