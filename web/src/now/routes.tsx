// The pages of now, below `/{project}/{environment}`.
import type { RouteObject } from "react-router";
import { page } from "../lib/page";

export const nowRoutes: RouteObject[] = [{ path: "now", lazy: page(() => import("./Now.page")) }];
