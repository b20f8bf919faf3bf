// The pages of flags, below `/{project}/{environment}`.
import type { RouteObject } from "react-router";

export const flagRoutes: RouteObject[] = [];

/** Below `/{project}/{environment}/settings`. */
export const placeSettingsRoutes: RouteObject[] = [];
