// Where an import comes from, and whether that can be it. Pure.

export type System = "launchDarkly" | "unleash";

/** Whom to ask with which key, or what somebody brought; `from` names the environment of an export that holds several. */
export type Source =
  | { system: "launchDarkly"; sdkKey: string; url: string }
  | { system: "unleash"; token: string; url: string; project: string }
  | { system: System; payload: object; from?: string };

/** What a text holds, with the environments of an export among which to choose; or what is wrong with it. */
export type Content = { payload: object; environments: string[] } | { wrong: string };

/** What each system gives away, as it must stand in the text. */
const SHAPES: Record<System, string> = {
  launchDarkly: 'It must be what /sdk/latest-all answers: {"flags": {…}, "segments": {…}}.',
  unleash: 'It must be what /api/client/features answers, or an export: {"features": […], …}.',
};

/** The text as what `system` gives away. */
export function contentOf(system: System, text: string): Content {
  const wrong = (what: string) => ({ wrong: `This ${what}. ${SHAPES[system]}` });
  if (text === "") return wrong("is empty");
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return wrong("is no JSON");
  }
  if (typeof json !== "object" || json === null || Array.isArray(json)) return wrong("holds no object");
  const { flags, features } = json as Record<string, unknown>;
  if (system === "unleash") {
    if (!Array.isArray(features)) return wrong("has no features");
    return { payload: json, environments: environmentsOf(json as Export) };
  }
  if (typeof flags !== "object" || flags === null || Array.isArray(flags)) return wrong("has no flags");
  return { payload: json, environments: [] };
}

type Export = { featureEnvironments?: unknown };

/** The environments that an export of Unleash holds; none in what SDKs receive, which is of one. */
function environmentsOf({ featureEnvironments: rows }: Export): string[] {
  if (!Array.isArray(rows)) return [];
  const names = rows.map((row) => (row as { environment?: unknown } | null)?.environment);
  return [...new Set(names.filter((name) => typeof name === "string"))].sort();
}
