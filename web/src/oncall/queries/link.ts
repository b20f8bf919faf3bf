// The links in a page: what they show, and their two buttons.
import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { api, body } from "../../api/client";

/** What the link shows; asking changes nothing. */
export function link(code: string) {
  return queryOptions({
    queryKey: ["link", code],
    refetchInterval: 10_000,
    queryFn: ({ signal }) => body(api.GET("/api/pages/{code}", { params: { path: { code } }, signal })),
  });
}

/** Acknowledges in the name of whom the page was for. */
export function useAcknowledgeByLink(code: string) {
  return useTap(code, () => body(api.POST("/api/pages/{code}/acknowledge", { params: { path: { code } } })));
}

/** Takes the change back in the name of whom the page was for. */
export function useUndoByLink(code: string) {
  return useTap(code, () => body(api.POST("/api/pages/{code}/undo", { params: { path: { code } } })));
}

function useTap<T>(code: string, mutationFn: () => Promise<T>) {
  const client = useQueryClient();
  return useMutation({
    mutationFn,
    meta: { shown: true },
    onSettled: () => client.invalidateQueries({ queryKey: ["link", code] }),
  });
}
