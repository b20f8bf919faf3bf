// The pages of now, below `/{project}/{environment}`.
import type { RouteObject } from "react-router";

export const nowRoutes: RouteObject[] = [];
