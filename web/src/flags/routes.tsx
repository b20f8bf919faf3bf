// The pages of flags, below `/{project}/{environment}`.
import type { RouteObject } from "react-router";
import { page } from "../lib/page";

export const flagRoutes: RouteObject[] = [
  { path: "flags", lazy: page(() => import("./FlagList.page")) },
  { path: "flags/:flag", lazy: page(() => import("./Flag.page")) },
  { path: "sdks", lazy: page(() => import("./sdks/Sdks.page")) },
  { path: "segments", lazy: page(() => import("./segments/SegmentList.page")) },
  { path: "segments/:segment", lazy: page(() => import("./segments/Segment.page")) },
];

/** Below `/{project}/{environment}/settings`. */
export const placeSettingsRoutes: RouteObject[] = [
  { path: "project", lazy: page(() => import("./places/Project.page")) },
];
