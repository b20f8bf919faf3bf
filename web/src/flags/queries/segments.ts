// Segments: listed, read, made, changed.
import { queryOptions, useMutation } from "@tanstack/react-query";
import { api, body, ifMatch } from "../../api/client";
import type { Schema } from "../../api/schema";
import type { Place } from "../../app/place";

type Instruction = Schema["Instruction"];
export type SegmentView = Schema["SegmentView"];

const MOVES = ["change"];
const ALL = { limit: 1000 };

/** The segments of an environment. */
export function segments(place: Place) {
  return queryOptions({
    queryKey: ["change", "segments", place],
    queryFn: async ({ signal }) => {
      const path = "/api/projects/{project}/environments/{environment}/segments";
      return (await body(api.GET(path, { params: { path: place, query: ALL }, signal }))).items;
    },
  });
}

export function segment(place: Place, key: string) {
  return queryOptions({
    queryKey: ["change", "segments", place, key],
    queryFn: ({ signal }) => {
      const path = "/api/projects/{project}/environments/{environment}/segments/{segment}";
      return body(api.GET(path, { params: { path: { ...place, segment: key } }, signal }));
    },
  });
}

export function useCreateSegment(place: Place) {
  return useMutation({
    mutationFn: (segment: Schema["CreateSegmentRequest"]) =>
      body(
        api.POST("/api/projects/{project}/environments/{environment}/segments", {
          params: { path: place },
          body: segment,
        }),
      ),
    meta: { moves: MOVES, shown: true },
  });
}

export function useChangeSegment(place: Place, key: string) {
  return useMutation({
    mutationFn: ({ version, ...change }: { instructions: Instruction[]; version: number }) =>
      body(
        api.PATCH("/api/projects/{project}/environments/{environment}/segments/{segment}", {
          params: { path: { ...place, segment: key } },
          headers: ifMatch(version),
          body: change,
        }),
      ),
    meta: { moves: MOVES, shown: true },
  });
}

export function useDeleteSegment(place: Place, key: string) {
  return useMutation({
    mutationFn: (version: number) =>
      body(
        api.DELETE("/api/projects/{project}/environments/{environment}/segments/{segment}", {
          params: { path: { ...place, segment: key } },
          headers: ifMatch(version),
        }),
      ),
    meta: { moves: MOVES },
  });
}
