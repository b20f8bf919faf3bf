// Where an import comes from, and whether that can be it. Pure.

export type Source = { kind: "file"; file: File } | { kind: "address"; sdkKey: string; url: string };

/** The payload in a file, if it is one: `{"flags": {…}, "segments": {…}}`. */
export function payloadOf(text: string): { flags: object } {
  const wrong = (what: string) =>
    new Error(
      `The file ${what}. It must hold what /sdk/latest-all answers: {"flags": {…}, "segments": {…}}.`,
    );
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw wrong("is no JSON");
  }
  if (typeof json !== "object" || json === null || Array.isArray(json)) throw wrong("holds no object");
  if (!("flags" in json) || typeof json.flags !== "object" || json.flags === null)
    throw wrong("has no flags");
  return json as { flags: object };
}
