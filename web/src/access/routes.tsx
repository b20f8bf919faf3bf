// The pages by which people come in, and the settings of who they are.
import type { RouteObject } from "react-router";
import { page } from "../lib/page";

/** Pages for those who have no session yet. */
export const entryRoutes: RouteObject[] = [
  { path: "/login", lazy: page(() => import("./Login.page")) },
  { path: "/setup", lazy: page(() => import("./Setup.page")) },
  { path: "/invitation", lazy: page(() => import("./Invitation.page")) },
];

/** Below `/{project}/{environment}/settings`. */
export const accessSettingsRoutes: RouteObject[] = [
  { path: "people", lazy: page(() => import("./People.page")) },
  { path: "account", lazy: page(() => import("./Account.page")) },
];
