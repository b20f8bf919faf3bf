// The pages of metrics, below `/{project}/{environment}`.
import type { RouteObject } from "react-router";

export const metricRoutes: RouteObject[] = [];
