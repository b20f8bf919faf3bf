// The pages of oncall, below `/{project}/{environment}`.
import type { RouteObject } from "react-router";

export const oncallRoutes: RouteObject[] = [];

/** Pages that need no session. */
export const publicOncallRoutes: RouteObject[] = [];
