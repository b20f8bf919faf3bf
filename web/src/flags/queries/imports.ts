// Import of what LaunchDarkly sends to SDKs: looked through first, then done with the same payload.
import { useMutation } from "@tanstack/react-query";
import { api, body } from "../../api/client";
import type { Schema } from "../../api/schema";
import type { Place } from "../../app/place";
import { payloadOf, type Source } from "../import/source";

export type Report = Schema["ImportReport"];
export type ReportItem = Schema["ImportItem"];
type Payload = Schema["ImportRequest"];
type How = { payload: Payload; replace: boolean };

/** What was looked through, and what would come of importing it. */
export type Looked = How & { report: Report };

/** Reads the payload and says what importing it would do; nothing is written. */
export function useLookThrough(place: Place) {
  return useMutation({
    mutationFn: async ({ source, replace }: { source: Source; replace: boolean }): Promise<Looked> => {
      const payload = await read(source);
      return { payload, replace, report: await send(place, { payload, replace }, true) };
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

async function read(source: Source): Promise<Payload> {
  if (source.kind === "file") return payloadOf(await source.file.text()) as Payload;
  const { sdkKey, url } = source;
  const answer = await body(
    api.POST("/api/import/launchdarkly/payload", { body: { sdkKey, url: url || undefined } }),
  );
  // The document cannot say what flags of another system hold; the server judges each.
  return answer as Payload;
}

function send(place: Place, { payload, replace }: How, dryRun: boolean): Promise<Report> {
  return body(
    api.POST("/api/projects/{project}/environments/{environment}/import/launchdarkly", {
      params: { path: place, query: { dryRun, replace } },
      body: payload,
    }),
  );
}
