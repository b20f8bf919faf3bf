// Who is on call, when, and who stands in.
import { queryOptions, useMutation } from "@tanstack/react-query";
import { api, body } from "../../api/client";

// Duty changes with the time, which no event tells.
const LOOK_AGAIN_MS = 30_000;

/** Who would be woken now, by schedule and by service. */
export const onCall = queryOptions({
  queryKey: ["oncall", "now"],
  refetchInterval: LOOK_AGAIN_MS,
  queryFn: ({ signal }) => body(api.GET("/api/on-call", { signal })),
});

/** The shifts of a schedule from one instant until another. */
export function shifts(schedule: string, from: Date, to: Date) {
  const query = { from: from.toISOString(), to: to.toISOString() };
  return queryOptions({
    queryKey: ["oncall", "shifts", schedule, query],
    queryFn: ({ signal }) =>
      body(api.GET("/api/schedules/{schedule}/shifts", { params: { path: { schedule }, query }, signal })),
  });
}

export type Override = { schedule: string; person: string; replaces?: string; from: string; to: string };

/** Somebody stands in for a while. */
export function useAddOverride() {
  return useMutation({
    mutationFn: ({ schedule, ...request }: Override) =>
      body(
        api.POST("/api/schedules/{schedule}/overrides", { params: { path: { schedule } }, body: request }),
      ),
    meta: { moves: ["oncall"], shown: true },
  });
}

/** Nobody stands in any more; `onSuccess` also when the button is gone by then. */
export function useDeleteOverride(onSuccess: () => void) {
  return useMutation({
    mutationFn: (path: { schedule: string; id: string }) =>
      body(api.DELETE("/api/schedules/{schedule}/overrides/{id}", { params: { path } })),
    onSuccess,
    meta: { moves: ["oncall"] },
  });
}
