// Pages are loaded when they are first opened.
import type { ComponentType } from "react";
import type { RouteObject } from "react-router";

/** For `lazy` of a route: `page(() => import("./FlagList.page"))`; the file's default export is the page. */
export function page(load: () => Promise<{ default: ComponentType }>): RouteObject["lazy"] {
  return async () => ({ Component: (await load()).default });
}
