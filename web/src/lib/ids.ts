// Ids that the console gives to what it makes, until the server knows them.

/** Twelve random characters; works without https, where `randomUUID` is not there. */
export function newId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  return Array.from(bytes, (byte) => (byte % 36).toString(36)).join("");
}
