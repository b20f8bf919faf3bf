import { expect, test } from "vitest";
import { SNIPPETS, type Snippet } from "./snippets";
import { detailsOf, doings, isConnected, latestOf, nameOf, type Sdk, stateOf } from "./words";

const NOW = new Date("2026-11-23T10:00:00Z");

const node: Sdk = {
  key: "sdk",
  family: "launchDarkly",
  name: "NodeJSClient",
  version: "9.13.7",
  transports: ["stream", "events"],
  streams: 2,
  instances: 2,
  firstSeen: "2026-11-23T09:00:00Z",
  lastSeen: "2026-11-23T10:00:00Z",
};
const quiet = { ...node, streams: 0, lastSeen: "2026-11-23T09:58:00Z" };

test("an SDK is named by what it says, and said to say nothing when it does", () => {
  expect(nameOf(node)).toBe("NodeJSClient 9.13.7");
  expect(nameOf({ ...node, name: null, version: null })).toBe("An SDK that does not say its name");
  expect(nameOf({ ...node, family: "others", name: null })).toBe("Others");
  expect(detailsOf({ ...node, application: "checkout", applicationVersion: "2" })).toBe("checkout 2");
  expect(doings(node)).toBe("2 streams, sends events");
  expect(doings({ ...quiet, transports: ["stream", "poll"] })).toBe("no stream now, asks");
});

test("one is connected while it holds a stream, or asked within a minute", () => {
  expect(isConnected({ ...quiet, streams: 1 }, NOW)).toBe(true);
  expect(isConnected(quiet, NOW)).toBe(false);
  expect(isConnected({ ...quiet, lastSeen: "2026-11-23T09:59:30Z" }, NOW)).toBe(true);
  expect(stateOf([], NOW)).toBe("No SDK has been seen here yet.");
  expect(stateOf([quiet], NOW)).toBe("No SDK is connected now.");
  expect(stateOf([node, quiet], NOW)).toBe("1 SDK is connected, 2 streams are open.");
});

test("the check of a snippet looks at its own SDK alone, by its own key", () => {
  const snippet = (id: string) => SNIPPETS.find((one) => one.id === id) as Snippet;
  const python = { ...quiet, name: "PythonClient", lastSeen: "2026-11-23T09:59:59Z" };
  const sdks = [quiet, python, { ...node, key: "mobile" as const }];
  expect(latestOf(sdks, snippet("node"))).toBe(quiet);
  expect(latestOf([quiet, node], snippet("node"))).toBe(node);
  expect(latestOf(sdks, snippet("python"))).toBe(python);
  expect(latestOf(sdks, snippet("ios"))?.key).toBe("mobile");
  expect(latestOf(sdks, snippet("curl"))).toBeUndefined();
});
