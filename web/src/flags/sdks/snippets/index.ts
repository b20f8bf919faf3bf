// What to write in one's own code, by SDK. A new SDK, or a new family, is one more entry. Pure.
import { clients } from "./clients";
import { openFeature } from "./openFeature";
import { servers } from "./servers";
import type { Snippet } from "./snippet";
import { unleash } from "./unleash";

export type { Facts, Snippet } from "./snippet";

/** All SDKs by the group under which they are chosen. */
export const GROUPS: { name: string; snippets: Snippet[] }[] = [
  { name: "LaunchDarkly SDKs on servers", snippets: servers },
  { name: "LaunchDarkly SDKs in browsers and apps", snippets: clients },
  { name: "OpenFeature", snippets: openFeature },
  { name: "Unleash", snippets: unleash },
];

export const SNIPPETS: Snippet[] = GROUPS.flatMap(({ snippets }) => snippets);
