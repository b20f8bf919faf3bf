// Every call about people, sessions and tokens.
import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { api, body } from "../api/client";
import { SESSION } from "../app/session";

/** Whether the first admin is still missing. */
export const setup = queryOptions({
  queryKey: ["setup"],
  queryFn: ({ signal }) => body(api.GET("/api/setup", { signal })),
});

/** Comes in by e-mail address and password. */
export function useLogin() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (who: { email: string; password: string }) => body(api.POST("/api/login", { body: who })),
    onSuccess: (me) => client.setQueryData(SESSION, me),
    meta: { shown: true },
  });
}

/** Goes; what was seen is forgotten. */
export function useLogout() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => body(api.POST("/api/logout")),
    onSuccess: () => {
      client.clear();
      client.setQueryData(SESSION, null);
    },
  });
}
