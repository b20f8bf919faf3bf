// What is said of an SDK. Pure: now is an argument.
import type { Schema } from "../../api/schema";
import type { Snippet } from "./snippets";

export type Sdk = Schema["SeenSdk"];

/** One that asks is taken for connected for so long after it last did; browsers ask every five minutes. */
const QUIET_MS = 60_000;

/** `NodeJSClient 9.13.7`. */
export function nameOf({ family, name, version }: Pick<Sdk, "family" | "name" | "version">): string {
  if (family === "others") return "Others";
  if (!name) return "An SDK that does not say its name";
  return version ? `${name} ${version}` : name;
}

/** `react-client-sdk/3.9.0 · checkout 2.1.0 · Node, Linux 6.12 x64`. */
export function detailsOf({ family, wrapper, application, applicationVersion, platform }: Sdk): string {
  if (family === "others") return "more than can be told apart";
  const app = [application, applicationVersion].filter(Boolean).join(" ");
  return [wrapper, app, platform].filter(Boolean).join(" · ");
}

/** `2 streams, asks, sends events`. */
export function doings({ streams, transports }: Sdk): string {
  const does: string[] = [];
  if (streams > 0) does.push(streams === 1 ? "1 stream" : `${streams.toLocaleString("en")} streams`);
  else if (transports.includes("stream")) does.push("no stream now");
  if (transports.includes("poll")) does.push("asks");
  if (transports.includes("events")) does.push("sends events");
  return does.join(", ");
}

export function isConnected({ streams, lastSeen }: Sdk, now: Date): boolean {
  return streams > 0 || now.getTime() - new Date(lastSeen).getTime() < QUIET_MS;
}

/** The state of an environment in one sentence. */
export function stateOf(sdks: Sdk[], now: Date): string {
  const connected = sdks.filter((sdk) => isConnected(sdk, now));
  if (sdks.length === 0) return "No SDK has been seen here yet.";
  if (connected.length === 0) return "No SDK is connected now.";
  const streams = connected.reduce((sum, sdk) => sum + sdk.streams, 0);
  const holding = streams === 1 ? "1 stream is open" : `${streams.toLocaleString("en")} streams are open`;
  return `${connected.length === 1 ? "1 SDK is" : `${connected.length} SDKs are`} connected, ${holding}.`;
}

/** The SDK of a snippet that was seen last, if any was. */
export function latestOf(sdks: Sdk[], { key, family, seenAs }: Snippet): Sdk | undefined {
  const fits = (sdk: Sdk) =>
    sdk.key === key && sdk.family === family && (!seenAs || seenAs.includes(sdk.name ?? ""));
  return sdks.filter(fits).sort((a, b) => rank(b) - rank(a))[0];
}

function rank({ streams, lastSeen }: Sdk): number {
  return new Date(lastSeen).getTime() + (streams > 0 ? 1e12 : 0);
}
