// The pages by which people come in, and the settings.
import type { RouteObject } from "react-router";
import { page } from "../lib/page";

/** Pages for those who have no session yet. */
export const entryRoutes: RouteObject[] = [{ path: "/login", lazy: page(() => import("./Login.page")) }];

/** Below `/{project}/{environment}`. */
export const settingsRoutes: RouteObject[] = [];
