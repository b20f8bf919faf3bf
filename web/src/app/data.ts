// How server state is kept: what is retried, what an ended session means, what a mutation refreshes.
import { MutationCache, QueryCache, QueryClient } from "@tanstack/react-query";
import { Problem } from "../api/problem";
import { refused } from "../ui/toast";
import { SESSION } from "./session";

declare module "@tanstack/react-query" {
  interface Register {
    mutationMeta: {
      /** The topics whose queries are refetched once it has succeeded. */
      moves?: string[];
      /** The form shows the refusal itself, at its fields. */
      shown?: boolean;
    };
  }
}

const RETRIES = 2;

export function makeClient(): QueryClient {
  const ended = (error: unknown) => {
    if (error instanceof Problem && error.status === 401) client.setQueryData(SESSION, null);
  };
  const client: QueryClient = new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 5_000,
        // What the server refuses it refuses again; only what passes is worth another try.
        retry: (failures, error) => !(error instanceof Problem && error.status < 500) && failures < RETRIES,
      },
    },
    queryCache: new QueryCache({ onError: ended }),
    mutationCache: new MutationCache({
      onError: (error, _variables, _context, mutation) => {
        ended(error);
        if (!mutation.meta?.shown) refused(error);
      },
      onSuccess: (_data, _variables, _context, mutation) =>
        Promise.all(
          (mutation.meta?.moves ?? []).map((topic) => client.invalidateQueries({ queryKey: [topic] })),
        ),
    }),
  });
  return client;
}
