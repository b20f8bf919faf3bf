// Every address of the console. Each capability lists its own pages, below `/{project}/{environment}`.
import { createBrowserRouter, Navigate, Outlet } from "react-router";
import { accessSettingsRoutes, entryRoutes } from "../access/routes";
import { flagRoutes, placeSettingsRoutes } from "../flags/routes";
import { metricRoutes } from "../metrics/routes";
import { nowRoutes } from "../now/routes";
import { oncallRoutes, publicOncallRoutes } from "../oncall/routes";
import { releaseRoutes } from "../releases/routes";
import { Loading } from "../ui/States";
import { Crash } from "./Crash";
import { Home } from "./Home";
import { NotFound } from "./NotFound";
import { Settings } from "./Settings";
import { Shell } from "./Shell";
import { RequireSession } from "./session";

export function makeRouter() {
  return createBrowserRouter([
    {
      errorElement: <Crash />,
      hydrateFallbackElement: <Loading />,
      children: [
        ...entryRoutes,
        ...publicOncallRoutes,
        {
          element: (
            <RequireSession>
              <Outlet />
            </RequireSession>
          ),
          children: [
            // Links in pages and webhooks know no place: they lead to the last one.
            ...["/", "/on-call", "/incidents/:id", "/releases/:id"].map((path) => ({
              path,
              element: <Home />,
            })),
            {
              path: "/:project/:environment",
              element: <Shell />,
              children: [
                {
                  // A page that breaks leaves the shell standing.
                  errorElement: <Crash />,
                  children: [
                    ...nowRoutes,
                    ...flagRoutes,
                    ...releaseRoutes,
                    ...metricRoutes,
                    ...oncallRoutes,
                    {
                      path: "settings",
                      element: <Settings />,
                      children: [
                        ...placeSettingsRoutes,
                        ...accessSettingsRoutes,
                        { index: true, element: <Navigate to="project" replace /> },
                      ],
                    },
                    { index: true, element: <Home /> },
                    { path: "*", element: <NotFound /> },
                  ],
                },
              ],
            },
            { path: "*", element: <NotFound /> },
          ],
        },
      ],
    },
  ]);
}
