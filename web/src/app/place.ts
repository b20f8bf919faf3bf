// Where one is: the project and the environment, which stand in each address.
import { useCallback } from "react";
import { useParams } from "react-router";

export type Place = { project: string; environment: string };

const LAST = "steadfast-place";

/** The place of this page; on pages below `/{project}/{environment}`. */
export function usePlace(): Place {
  const { project = "", environment = "" } = useParams();
  return { project, environment };
}

/** Makes addresses in this place: `to("/flags", key)` is `/shop/production/flags/checkout`. */
export function useTo(): (path: string, ...keys: (string | number)[]) => string {
  const { project, environment } = usePlace();
  return useCallback(
    (path, ...keys) => address({ project, environment }, path, ...keys),
    [project, environment],
  );
}

export function address({ project, environment }: Place, path: string, ...keys: (string | number)[]): string {
  return `/${project}/${environment}${path}${keys.map((key) => `/${encodeURIComponent(key)}`).join("")}`;
}

export function rememberPlace(place: Place) {
  localStorage.setItem(LAST, JSON.stringify(place));
}

export function lastPlace(): Place | null {
  try {
    const place = JSON.parse(localStorage.getItem(LAST) ?? "null") as Partial<Place> | null;
    return place?.project && place.environment
      ? { project: place.project, environment: place.environment }
      : null;
  } catch {
    return null;
  }
}
