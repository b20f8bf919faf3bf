// The types of the API by their names: `Schema["Flag"]`.
import type { components } from "./draft";

export type Schema = components["schemas"];
