// Import from LaunchDarkly and Unleash: looked through first, then done with the same payload.
import { useMutation } from "@tanstack/react-query";
import { api, body } from "../../api/client";
import type { Schema } from "../../api/schema";
import type { Place } from "../../app/place";
import type { Source, System } from "../import/source";

export type Report = Schema["ImportReport"];
export type ReportItem = Schema["ImportItem"];
type How = { system: System; payload: object; from?: string; replace: boolean };

/** What was looked through, and what would come of importing it. */
export type Looked = How & { report: Report };

/** Reads the payload and says what importing it would do; nothing is written. */
export function useLookThrough(place: Place) {
  return useMutation({
    mutationFn: async ({ source, replace }: { source: Source; replace: boolean }): Promise<Looked> => {
      const { system } = source;
      const from = "from" in source ? source.from : undefined;
      const how = { system, payload: await read(source), from, replace };
      return { ...how, report: await send(place, how, true) };
    },
    meta: { shown: true },
  });
}

/** Imports what was looked through. */
export function useImport(place: Place) {
  return useMutation({
    mutationFn: (how: How) => send(place, how, false),
    meta: { moves: ["change"], shown: true },
  });
}

async function read(source: Source): Promise<object> {
  if ("payload" in source) return source.payload;
  if (source.system === "unleash") {
    const { token, url, project } = source;
    const question = { token, url, project: project || undefined };
    return body(api.POST("/api/import/unleash/payload", { body: question }));
  }
  const { sdkKey, url } = source;
  return body(api.POST("/api/import/launchdarkly/payload", { body: { sdkKey, url: url || undefined } }));
}

function send(place: Place, { system, payload, from, replace }: How, dryRun: boolean): Promise<Report> {
  const query = { dryRun, replace };
  if (system === "unleash") {
    return body(
      api.POST("/api/projects/{project}/environments/{environment}/import/unleash", {
        params: { path: place, query: { ...query, from } },
        body: payload as Record<string, never>,
      }),
    );
  }
  return body(
    api.POST("/api/projects/{project}/environments/{environment}/import/launchdarkly", {
      params: { path: place, query },
      // The document cannot say what flags of another system hold; the server judges each.
      body: payload as Schema["ImportRequest"],
    }),
  );
}
