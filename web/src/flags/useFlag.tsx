// The flag of this page, in this place.
import { useQuery } from "@tanstack/react-query";
import { useParams } from "react-router";
import { type Place, usePlace } from "../app/place";
import { type FlagView, flag } from "./queries/flags";
import { type Configuration, type Variation, type WireConfiguration, whole } from "./targeting/model";

export type Family = FlagView["environments"][string]["families"][number];

/** What the parts of the flag's page need. */
export type FlagHere = {
  place: Place;
  view: FlagView;
  key: string;
  variations: Variation[];
  /** What it does in this environment. */
  configuration: Configuration;
  /** Which SDKs evaluate it themselves. */
  families: Family[];
  /** The `seq` of its last change in this environment. */
  version: number;
};

export function useFlagQuery() {
  const { flag: key = "" } = useParams();
  return useQuery(flag(usePlace().project, key));
}

/** The flag in this place; undefined where the place has no such environment. */
export function flagHere(place: Place, view: FlagView): FlagHere | undefined {
  const here = view.environments[place.environment];
  if (!here) return undefined;
  return {
    place,
    view,
    key: view.key,
    variations: view.variations,
    // Of variation and rollout a rule has exactly one, which the document says in words alone.
    configuration: whole(here.configuration as WireConfiguration),
    families: here.families,
    version: here.version,
  };
}
