// The pages of metrics, below `/{project}/{environment}`.
import type { RouteObject } from "react-router";
import { page } from "../lib/page";

export const metricRoutes: RouteObject[] = [
  { path: "metrics", lazy: page(() => import("./MetricList.page")) },
  { path: "metrics/:metric", lazy: page(() => import("./Metric.page")) },
];
