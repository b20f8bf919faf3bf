// The types of the API by their names: `Schema["Flag"]`.
import type { components } from "./schema.gen";

export type Schema = components["schemas"];
