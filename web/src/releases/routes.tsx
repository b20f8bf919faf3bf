// The pages of releases, below `/{project}/{environment}`.
import type { RouteObject } from "react-router";

export const releaseRoutes: RouteObject[] = [];
