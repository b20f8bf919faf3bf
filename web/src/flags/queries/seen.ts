// What SDKs told: which they are, and how often they evaluated a flag.
import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { api, body } from "../../api/client";
import type { Place } from "../../app/place";
import { lately } from "../../lib/bins";

const LOOK_MS = 5_000;

/** The SDKs of an environment, those seen last first: told when one comes or goes, and asked for when they were last seen. */
export function sdks(place: Place) {
  return queryOptions({
    queryKey: ["sdk", place],
    refetchInterval: LOOK_MS,
    queryFn: async ({ signal }) => {
      const path = "/api/projects/{project}/environments/{environment}/sdks";
      return (await body(api.GET(path, { params: { path: place }, signal }))).items;
    },
  });
}

/** Over which times evaluations are looked at, and how finely: never more finely than they are kept. */
export const RANGES = [
  { value: "hour", label: "1 hour", minutes: 60, bins: 60, by: "minute" },
  { value: "day", label: "1 day", minutes: 1_440, bins: 144, by: "tenMinutes" },
  { value: "week", label: "1 week", minutes: 10_080, bins: 168, by: "hour" },
] as const;

export type Range = (typeof RANGES)[number]["value"];

/** The evaluations of a flag by variation, with the instants between which they were counted. */
export function evaluations(place: Place, key: string, range: Range) {
  const { minutes, bins, by } = RANGES.find(({ value }) => value === range) ?? RANGES[0];
  return queryOptions({
    queryKey: ["evaluations", place, key, range],
    refetchInterval: LOOK_MS,
    placeholderData: keepPreviousData,
    queryFn: async ({ signal }) => {
      const { from, until } = lately(Date.now(), minutes, bins);
      const params = { path: { ...place, flag: key }, query: { since: new Date(from).toISOString(), by } };
      const path = "/api/projects/{project}/environments/{environment}/flags/{flag}/evaluations";
      return { from, until, bins, items: (await body(api.GET(path, { params, signal }))).items };
    },
  });
}
