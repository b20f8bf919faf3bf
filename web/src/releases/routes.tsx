// The pages of releases, below `/{project}/{environment}`.
import type { RouteObject } from "react-router";
import { page } from "../lib/page";

export const releaseRoutes: RouteObject[] = [
  { path: "releases", lazy: page(() => import("./ReleaseList.page")) },
  { path: "releases/new", lazy: page(() => import("./StartRelease.page")) },
  { path: "releases/:id", lazy: page(() => import("./Release.page")) },
];
