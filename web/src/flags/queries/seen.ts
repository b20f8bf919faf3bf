// Which SDKs have been heard of.
import { queryOptions } from "@tanstack/react-query";
import { api, body } from "../../api/client";
import type { Place } from "../../app/place";

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
