// The pages of oncall, below `/{project}/{environment}`.
import type { RouteObject } from "react-router";
import { page } from "../lib/page";

export const oncallRoutes: RouteObject[] = [
  { path: "on-call", lazy: page(() => import("./OnCall.page")) },
  { path: "incidents", lazy: page(() => import("./IncidentList.page")) },
  { path: "incidents/:id", lazy: page(() => import("./Incident.page")) },
];

/** Pages that need no session. */
export const publicOncallRoutes: RouteObject[] = [
  { path: "/pages/:code", lazy: page(() => import("./Link.page")) },
];
