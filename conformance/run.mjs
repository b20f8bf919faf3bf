// The same story for each SDK host: first values, a live change, events counted, a restart of the server (README.md).
import { bigSegments } from "./lib/bigSegments.mjs";
import { Host } from "./lib/host.mjs";
import { startEdge, startSteadfast } from "./lib/steadfast.mjs";

const CHANGE_MS = 500;
const FLAG = "checkout-v2";
const person = { kind: "user", key: "ada", country: "DE" };
const python = process.env.STEADFAST_PYTHON ?? "python3";
const rust = process.env.STEADFAST_RUST_HOST ?? "../target/debug/conformance-rust";

const browser3 = { command: "node", args: ["hosts/browser.mjs", "3"], sees: "live", isClient: true };
const browser4 = { ...browser3, args: ["hosts/browser.mjs", "4"] };

// A host that streams sees changes live; one that polls (each 30 s at the soonest) is asked for its first values alone; and a
// remote one asks the server each time. A hinted one asks when a stream says that it should, and sends no events, nor does a
// remote one. A client is given the client-side id, and its context at the start.
const hosts = {
  node: { command: "node", args: ["hosts/node.mjs"], sees: "live" },
  "node polling": { command: "node", args: ["hosts/node.mjs"], sees: "polled", options: { stream: false } },
  "node second generation": { command: "node", args: ["hosts/node.mjs"], sees: "live", options: { dataSystem: {} } },
  "node big segments": { command: "node", args: ["hosts/node.mjs"], sees: "members" },
  python: { command: python, args: ["hosts/python.py"], sees: "live" },
  "python second generation": { command: python, args: ["hosts/python.py"], sees: "live", options: { dataSystem: {} } },
  rust: { command: rust, args: [], sees: "live" },
  js: browser4,
  // It opens its stream a second after it has polled: the first change is not timed.
  "js second generation": { ...browser4, options: { dataSystem: {} }, opensLate: true },
  "js by REPORT": { ...browser4, options: { useReport: true } },
  "js third generation": browser3,
  "js third generation by REPORT": { ...browser3, options: { useReport: true } },
  "node-client": { command: "node", args: ["hosts/node-client.mjs"], sees: "live", isClient: true },
  "node-client by REPORT": {
    command: "node",
    args: ["hosts/node-client.mjs"],
    sees: "live",
    isClient: true,
    options: { useReport: true },
  },
  react: { ...browser4, args: ["hosts/react.mjs", "launchdarkly"] },
  // It asks each second, and is told nothing between.
  "unleash-python": { command: python, args: ["hosts/unleash.py"], sees: "live", within: 2_000 },
  "unleash-python streaming": { command: python, args: ["hosts/unleash.py"], sees: "live", options: { mode: "streaming" } },
  ofrep: { command: "node", args: ["hosts/ofrep.mjs"], sees: "remote" },
  "ofrep-python": { command: python, args: ["hosts/ofrep.py"], sees: "remote" },
  "ofrep-web": { command: "node", args: ["hosts/ofrep-web.mjs"], sees: "hinted", isClient: true },
  "ofrep-react": { command: "node", args: ["hosts/react.mjs", "openfeature"], sees: "hinted", isClient: true },
};

let passed = 0;
let failed = 0;

function check(name, ok, why = "") {
  if (ok) passed += 1;
  else failed += 1;
  console.log(ok ? `ok ${name}${why && ` (${why})`}` : `not ok ${name}: ${why}`);
}

async function story(name, { command, args, sees, isClient, opensLate, within, options }) {
  const steadfast = await startSteadfast();
  const host = new Host(command, args);
  try {
    const key = await steadfast.client.key("production", isClient ? "clientSide" : "sdk");
    await steadfast.client.createBooleanFlag(FLAG);
    const { ok } = await host.start(steadfast.url, key, isClient ? { context: person, ...options } : options);
    check(`${name}: initialises`, ok, "the SDK's own word");
    await firstValues(name, host);
    if (sees === "remote") {
      await nextRequest(name, host, steadfast);
      await requestAfterRestart(name, host, steadfast);
    }
    if (sees === "hinted") {
      await liveChange(name, host, steadfast);
      await serverRestart(name, host, steadfast);
      await startFromCache(name, { host, key }, steadfast);
    }
    if (sees === "live") {
      await liveChange(name, host, steadfast, { opensLate, within });
      await countedEvents(name, host, steadfast);
      await serverRestart(name, host, steadfast);
    }
    if (isClient && sees === "live") await startWithoutServer(name, { command, args, key, options }, steadfast);
  } catch (error) {
    check(`${name}: the story ends`, false, error.message);
  } finally {
    await host.stop();
    await steadfast.stop();
  }
}

async function firstValues(name, host) {
  const off = await host.evaluate(FLAG, person, false);
  check(`${name}: a flag that is off`, off.value === false, JSON.stringify(off));
  const unknown = await host.evaluate("no-such-flag", person, true);
  check(`${name}: an unknown flag gives the default`, unknown.value === true, JSON.stringify(unknown));
}

async function nextRequest(name, host, steadfast) {
  await steadfast.client.instruct("production", FLAG, { kind: "turnFlagOn" });
  const on = await until(
    () => host.evaluate(FLAG, person, false),
    ({ value }) => value === true,
  );
  check(`${name}: the next request sees the change`, on.value === true && on.variant === "on", JSON.stringify(on));
  const { flagSetId, version, contextId } = on.flagMetadata;
  const named = flagSetId === "default/production" && Number(version) > 0 && contextId === person.key;
  check(`${name}: an answer names flag set, version and context`, named, JSON.stringify(on.flagMetadata));
}

async function requestAfterRestart(name, host, steadfast) {
  await steadfast.restart();
  const on = await host.evaluate(FLAG, person, false);
  check(`${name}: asks again after a kill -9 of the server`, on.value === true, JSON.stringify(on.value));
}

async function liveChange(name, host, steadfast, { opensLate, within = CHANGE_MS } = {}) {
  await host.watch(FLAG, person, false);
  if (opensLate) {
    for (const value of [true, false]) {
      const seen = host.changedTo(value);
      await steadfast.client.instruct("production", FLAG, { kind: value ? "turnFlagOn" : "turnFlagOff" });
      await seen;
    }
  }
  for (const value of [true, false, true]) {
    const seen = host.changedTo(value);
    const asked = performance.now();
    await steadfast.client.instruct("production", FLAG, { kind: value ? "turnFlagOn" : "turnFlagOff" });
    await seen;
    const ms = Math.round(host.changes.at(-1).at - asked);
    check(`${name}: sees ${value} within ${within} ms`, ms < within, `${ms} ms`);
  }
}

async function countedEvents(name, host, steadfast) {
  const count = async () => {
    const seen = await steadfast.client.get(`/api/projects/default/environments/production/flags/${FLAG}/evaluations`);
    return seen.items.reduce((sum, row) => sum + row.n, 0);
  };
  await host.flush();
  const before = await settled(count);
  for (let i = 0; i < 7; i += 1) await host.evaluate(FLAG, { kind: "user", key: `person-${i}` }, false);
  await host.flush();
  const after = await settled(count, before + 7);
  check(`${name}: seven evaluations are counted exactly`, after - before === 7, `${after - before}`);
}

// The SDKs flush in the background after they say so, a browser after a question of its own: reads until the count has stood still
// for a while, or is what was awaited.
async function settled(read, awaited) {
  const end = Date.now() + 10_000;
  let last = await read();
  for (let still = 0; still < 4 && Date.now() < end && last !== awaited; ) {
    await new Promise((resolve) => setTimeout(resolve, 400));
    const next = await read();
    still = awaited === undefined && next === last ? still + 1 : 0;
    last = next;
  }
  return last;
}

async function serverRestart(name, host, steadfast) {
  await steadfast.restart();
  const kept = await host.evaluate(FLAG, person, false);
  check(`${name}: keeps its values while the server is gone`, kept.value === true, JSON.stringify(kept.value));
  const seen = host.changedTo(false);
  await steadfast.client.instruct("production", FLAG, { kind: "turnFlagOff" });
  await seen;
  check(`${name}: follows again after a kill -9 of the server`, true, "reconnected");
}

// A page that was rendered with the values in it starts with them, whatever has become of the server.
async function startWithoutServer(name, { command, args, key, options }, steadfast) {
  await steadfast.client.instruct("production", FLAG, { kind: "turnFlagOn" });
  const bootstrap = await until(
    () => steadfast.client.bootstrap("production", person),
    (values) => values[FLAG] === true,
  );
  await steadfast.halt();
  const host = new Host(command, args);
  try {
    const { ok } = await host.start(steadfast.url, key, { context: person, bootstrap, ...options });
    const value = await host.evaluate(FLAG, person, false);
    check(`${name}: starts from values it is given when the server is gone`, ok && value.value === true, JSON.stringify(value));
  } finally {
    await host.stop();
  }
}

// A page that was there before starts with the values that the browser kept.
async function startFromCache(name, { host, key }, steadfast) {
  const before = await host.evaluate(FLAG, person, true);
  await steadfast.halt();
  const { ok } = await host.start(steadfast.url, key, { context: person });
  const cached = await host.evaluate(FLAG, person, true);
  const kept = cached.value === before.value && cached.reason === "CACHED";
  check(`${name}: starts from values that it kept when the server is gone`, ok && kept, JSON.stringify(cached));
}

async function until(read, enough) {
  const end = Date.now() + 5_000;
  let last = await read();
  while (!enough(last) && Date.now() < end) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    last = await read();
  }
  return last;
}

// The same SDK behind an edge: also while what the edge follows is gone.
async function edgeStory(name, { command, args }) {
  const steadfast = await startSteadfast();
  const hosts = [];
  let edge;
  try {
    const sdkKey = await steadfast.client.key("production", "sdk");
    await steadfast.client.createBooleanFlag(FLAG);
    edge = await startEdge(steadfast.url, sdkKey);
    const begin = async () => {
      const host = new Host(command, args);
      hosts.push(host);
      const { ok } = await host.start(edge.url, sdkKey);
      return { host, ok };
    };
    const { host, ok } = await begin();
    check(`${name}: initialises`, ok, "the SDK's own word");
    await firstValues(name, host);
    await liveChange(name, host, steadfast);
    await countedEvents(name, host, steadfast);
    await edge.restart();
    const seen = host.changedTo(false);
    await steadfast.client.instruct("production", FLAG, { kind: "turnFlagOff" });
    await seen;
    check(`${name}: follows again after a kill -9 of the edge`, true, "reconnected");
    const on = host.changedTo(true);
    await steadfast.client.instruct("production", FLAG, { kind: "turnFlagOn" });
    await on;
    await steadfast.halt();
    const kept = await host.evaluate(FLAG, person, false);
    check(`${name}: keeps its values while upstream is gone`, kept.value === true, JSON.stringify(kept.value));
    await until(() => edge.keeps(sdkKey), Boolean);
    await edge.restart();
    const late = await begin();
    const value = late.ok && (await late.host.evaluate(FLAG, person, false)).value;
    check(`${name}: starts while upstream is dead, from an edge that started so`, value === true, JSON.stringify(value));
  } catch (error) {
    check(`${name}: the story ends`, false, error.message);
  } finally {
    for (const host of hosts) await host.stop();
    await edge?.stop();
    await steadfast.stop();
  }
}

const chosen = process.argv.slice(2);
for (const [name, host] of Object.entries(hosts)) {
  // `node` alone chooses every way in which that SDK is run.
  const tell = host.sees === "members" ? (it) => bigSegments(name, it, check) : (it) => story(name, it);
  if (chosen.length === 0 || chosen.includes(name.split(" ")[0])) await tell(host);
}
if (chosen.length === 0 || chosen.includes("node")) await edgeStory("node behind an edge", hosts.node);
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 && passed > 0 ? 0 : 1);
