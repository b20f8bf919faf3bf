// Who is here, and what they may do. Without a session every page leads to the login.
import { queryOptions, useQuery, useSuspenseQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Navigate, useLocation } from "react-router";
import { api, body } from "../api/client";
import { Problem } from "../api/problem";
import type { Schema } from "../api/schema";
import { Failed, Loading } from "../ui/States";

export const SESSION = ["session"];

export type Me = Schema["Me"];
export type Role = Me["role"];

/** Oneself; null when nobody is logged in. */
export const me = queryOptions({
  queryKey: SESSION,
  staleTime: 60_000,
  queryFn: async ({ signal }): Promise<Me | null> => {
    try {
      return await body(api.GET("/api/me", { signal }));
    } catch (error) {
      if (error instanceof Problem && error.status === 401) return null;
      throw error;
    }
  },
});

export function RequireSession({ children }: { children: ReactNode }) {
  const session = useQuery(me);
  const { pathname, search } = useLocation();
  if (session.isPending) return <Loading />;
  if (session.isError) return <Failed error={session.error} retry={() => void session.refetch()} />;
  if (session.data === null) {
    return <Navigate to={`/login?next=${encodeURIComponent(pathname + search)}`} replace />;
  }
  return children;
}

/** Oneself, on pages inside `RequireSession`; null for the moment after a logout. */
export function useMe(): Me | null {
  return useSuspenseQuery(me).data;
}

const RANKS: Role[] = ["reader", "writer", "admin"];

/** Whether one may do what asks for `role`. */
export function useMay(role: Role): boolean {
  const mine = useMe()?.role;
  return mine !== undefined && RANKS.indexOf(mine) >= RANKS.indexOf(role);
}
