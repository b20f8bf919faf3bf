// Flags: listed, found.
import { queryOptions } from "@tanstack/react-query";
import { api, body } from "../../api/client";

/** The flags whose key or name holds `search`, for the command box. */
export function foundFlags(project: string, search: string) {
  const query = { search, limit: 20 };
  return queryOptions({
    queryKey: ["change", "flags", project, query],
    queryFn: async ({ signal }) => {
      const path = { project };
      return (await body(api.GET("/api/projects/{project}/flags", { params: { path, query }, signal })))
        .items;
    },
  });
}
