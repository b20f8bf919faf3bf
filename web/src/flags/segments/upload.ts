// How far an upload of members has come, in words and as a bar. Pure.
import type { UploadView } from "../queries/members";

/** The share that is done, in percent; null while nobody can say. */
export function percentDone({ state, bytes, bytesTotal, keys, staged }: UploadView): number | null {
  if (state === "receiving") return bytesTotal ? (100 * bytes) / bytesTotal : null;
  if (state === "staging") return keys === 0 ? 100 : (100 * staged) / keys;
  return 100;
}

/** What is being done, or what came of it. */
export function words(upload: UploadView): string {
  const keys = upload.keys.toLocaleString("en");
  const staged = upload.staged.toLocaleString("en");
  switch (upload.state) {
    case "receiving":
      return `Reading and checking: ${keys} keys so far. Nothing is changed yet.`;
    case "staging":
      return `Writing: ${staged} of ${keys} keys. Evaluations still use the old members.`;
    case "staged":
      return `${staged} keys are written, and served as soon as the SDKs' Redis has them.`;
    case "live":
      return `${staged} keys are served.`;
    case "superseded":
      return `${staged} keys were served until another upload replaced them.`;
    case "failed":
      return `Not taken, and nothing was changed: ${upload.problem ?? "the reason is not known"}.`;
    default:
      return "Cancelled; nothing was changed.";
  }
}

const UNITS = ["bytes", "kB", "MB", "GB"];

/** `170 MB`: a file's size as file managers write it. */
export function bytesWords(bytes: number): string {
  const power = bytes < 1 ? 0 : Math.min(Math.floor(Math.log10(bytes) / 3), UNITS.length - 1);
  const shown = (bytes / 1000 ** power).toLocaleString("en", { maximumSignificantDigits: 3 });
  return `${shown} ${UNITS[power]}`;
}
