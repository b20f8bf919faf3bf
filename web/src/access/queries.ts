// Every call about people, sessions and tokens.
import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { api, body } from "../api/client";
import type { Schema } from "../api/schema";
import { SESSION } from "../app/session";

const ALL = { limit: 1000 };
const PEOPLE = "people";
const TOKENS = "tokens";

type Body<Name extends keyof Bodies> = Bodies[Name];
type Bodies = {
  login: { email: string; password: string };
  setUp: { token: string; name: string; email: string; password: string };
  accept: { token: string; password: string };
  password: { current: string; new: string };
  invite: { name: string; email: string; role: Schema["Role"] };
  amend: { name?: string; role?: Schema["Role"]; disabled?: boolean };
  token: { name: string; kind: Schema["Token"]["kind"]; role: Schema["Role"]; expiresAt?: string };
};

/** Whether the first admin is still missing. */
export const setup = queryOptions({
  queryKey: ["setup"],
  queryFn: ({ signal }) => body(api.GET("/api/setup", { signal })),
});

/** Everybody, by e-mail address. */
export const people = queryOptions({
  queryKey: [PEOPLE],
  queryFn: async ({ signal }) =>
    (await body(api.GET("/api/people", { params: { query: ALL }, signal }))).items,
});

/** One's own tokens, or everybody's for admins; newest first. */
export const tokens = queryOptions({
  queryKey: [TOKENS],
  queryFn: async ({ signal }) =>
    (await body(api.GET("/api/tokens", { params: { query: ALL }, signal }))).items,
});

/** Comes in: by password, by the set-up link, or by an invitation. */
function useEnter<T>(enter: (proof: T) => Promise<Schema["Me"]>) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: enter,
    onSuccess: (me) => {
      client.removeQueries({ queryKey: setup.queryKey });
      client.setQueryData(SESSION, me);
    },
    meta: { shown: true },
  });
}

export const useLogin = () => useEnter((who: Body<"login">) => body(api.POST("/api/login", { body: who })));
export const useSetUp = () =>
  useEnter((admin: Body<"setUp">) => body(api.POST("/api/setup", { body: admin })));
export const useAccept = () =>
  useEnter((answer: Body<"accept">) => body(api.POST("/api/invitations/accept", { body: answer })));

/** Goes; what was seen is forgotten. */
export function useLogout() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => body(api.POST("/api/logout")),
    onSuccess: () => {
      // The session first, and not by clear(): whoever shows it must hear that it is over, and lead to the login.
      client.setQueryData(SESSION, null);
      client.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== SESSION[0] });
    },
  });
}

/** Changes one's own password; one's other sessions end. */
export function useChangePassword() {
  return useMutation({
    mutationFn: (change: Body<"password">) => body(api.POST("/api/me/password", { body: change })),
    meta: { shown: true },
  });
}

/** Lets somebody in; the answer has their one-time link. */
export function useInvite() {
  return useMutation({
    mutationFn: (person: Body<"invite">) => body(api.POST("/api/people", { body: person })),
    meta: { moves: [PEOPLE], shown: true },
  });
}

/** Gives somebody a new one-time link. */
export function useInviteAgain() {
  return useMutation({
    mutationFn: (id: string) => body(api.POST("/api/people/{id}/invitations", { params: { path: { id } } })),
    meta: { moves: [PEOPLE] },
  });
}

/** Changes somebody's name or role, locks them out, or lets them in again. */
export function useAmend() {
  return useMutation({
    mutationFn: ({ id, wish }: { id: string; wish: Body<"amend"> }) =>
      body(api.PATCH("/api/people/{id}", { params: { path: { id } }, body: wish })),
    meta: { moves: [PEOPLE, ...SESSION] },
  });
}

/** Makes a token; the answer has its secret, this once. */
export function useMakeToken() {
  return useMutation({
    mutationFn: (wish: Body<"token">) => body(api.POST("/api/tokens", { body: wish })),
    meta: { moves: [TOKENS], shown: true },
  });
}

/** Ends a token at once. */
export function useRevokeToken() {
  return useMutation({
    mutationFn: (id: string) => body(api.DELETE("/api/tokens/{id}", { params: { path: { id } } })),
    meta: { moves: [TOKENS] },
  });
}
