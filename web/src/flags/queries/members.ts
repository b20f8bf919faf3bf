// Members of big segments: counted, looked for, moved, uploaded.
import { queryOptions, useMutation } from "@tanstack/react-query";
import { api, body } from "../../api/client";
import type { Schema } from "../../api/schema";
import type { Place } from "../../app/place";

export type MembersView = Schema["MembersView"];
export type UploadView = Schema["UploadView"];

const MEMBERS = "/api/projects/{project}/environments/{environment}/segments/{segment}/members";
const UPLOADS = "/api/projects/{project}/environments/{environment}/segments/{segment}/uploads";
const MOVES = ["membership"];
/** How often an upload that is under way is looked at. */
const LOOK_MS = 1000;

/** Whether more is to come of an upload. */
export function underWay({ state }: UploadView): boolean {
  return state === "receiving" || state === "staging" || state === "staged";
}

/** How many there are and, of one key, which list it is on. */
export function members(place: Place, segment: string, key?: string) {
  return queryOptions({
    queryKey: ["membership", "members", place, segment, key ?? null],
    queryFn: ({ signal }) =>
      body(api.GET(MEMBERS, { params: { path: { ...place, segment }, query: { key } }, signal })),
  });
}

/** The last uploads, newest first; looked at again and again while one is under way, or about to be. */
export function uploads(place: Place, segment: string, sending = false) {
  return queryOptions({
    queryKey: ["membership", "uploads", place, segment],
    queryFn: async ({ signal }) =>
      (await body(api.GET(UPLOADS, { params: { path: { ...place, segment } }, signal }))).items,
    refetchInterval: ({ state }) => (sending || state.data?.some(underWay) ? LOOK_MS : false),
  });
}

export function useMoveMembers(place: Place, segment: string) {
  return useMutation({
    mutationFn: (moves: Schema["MembersRequest"]) =>
      body(api.POST(MEMBERS, { params: { path: { ...place, segment } }, body: moves })),
    meta: { moves: MOVES, shown: true },
  });
}

export function useUploadMembers(place: Place, segment: string) {
  return useMutation({
    mutationFn: (file: File) =>
      body(
        api.POST(UPLOADS, {
          params: { path: { ...place, segment } },
          headers: { "Content-Type": "text/csv" },
          // The file goes as it is: the browser reads it while it sends.
          body: "",
          bodySerializer: () => file,
        }),
      ),
    meta: { moves: MOVES, shown: true },
  });
}

export function useCancelUpload(place: Place, segment: string) {
  return useMutation({
    mutationFn: (id: string) =>
      body(api.DELETE(`${UPLOADS}/{id}`, { params: { path: { ...place, segment, id } } })),
    meta: { moves: MOVES },
  });
}
