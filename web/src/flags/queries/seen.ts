// What SDKs told: which they are, and how often they evaluated a flag.
import { queryOptions } from "@tanstack/react-query";
import { api, body } from "../../api/client";
import type { Place } from "../../app/place";
import { lately } from "../../lib/bins";

const LOOK_MS = 5_000;

/** The SDKs of an environment, those heard of last first. */
export function sdks(place: Place) {
  return queryOptions({
    queryKey: ["sdks", place],
    refetchInterval: LOOK_MS,
    queryFn: async ({ signal }) => {
      const path = "/api/projects/{project}/environments/{environment}/sdks";
      return (await body(api.GET(path, { params: { path: place }, signal }))).items;
    },
  });
}

/** An hour, by minutes: as finely as they are counted. */
export const MINUTES = 60;

/** The evaluations of a flag in the last hour, with the instants between which they were counted. */
export function evaluations(place: Place, key: string) {
  return queryOptions({
    queryKey: ["evaluations", place, key],
    refetchInterval: LOOK_MS,
    queryFn: async ({ signal }) => {
      const { from, until } = lately(Date.now(), MINUTES, MINUTES);
      const params = { path: { ...place, flag: key }, query: { since: new Date(from).toISOString() } };
      const path = "/api/projects/{project}/environments/{environment}/flags/{flag}/evaluations";
      return { from, until, items: (await body(api.GET(path, { params, signal }))).items };
    },
  });
}
