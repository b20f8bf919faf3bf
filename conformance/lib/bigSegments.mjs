// The story of a big segment: who is put into it by the API is in for an SDK that looks members up in Redis.
import { Host } from "./host.mjs";
import { startRedis } from "./redis.mjs";
import { startSteadfast } from "./steadfast.mjs";

const PATIENCE_MS = 5_000;
const FLAG = "beta-only";
const SEGMENTS = "/api/projects/default/environments/production/segments";
const user = (key) => ({ kind: "user", key });

export async function bigSegments(name, { command, args }, check) {
  const redis = await startRedis();
  const steadfast = await startSteadfast(["--big-segments-redis", `${redis.url},shop`]);
  const host = new Host(command, args);
  try {
    await furnish(steadfast.client);
    const sdkKey = await steadfast.client.key("production", "sdk");
    await stamped(steadfast.client);
    const { ok } = await host.start(steadfast.url, sdkKey, { redis: { path: redis.path, prefix: "shop" } });
    check(`${name}: initialises`, ok, "the SDK's own word");

    const before = await host.evaluate(FLAG, user("ada"), false);
    const healthy = before.reason?.bigSegmentsStatus === "HEALTHY";
    check(`${name}: nobody is in at first, and the store is healthy`, !before.value && healthy, JSON.stringify(before));

    await steadfast.client.post(`${SEGMENTS}/beta/members`, { included: { add: ["ada"] }, excluded: { add: ["bob"] } });
    await sees(name, host, check, "a member that was added", user("ada"), true);
    await sees(name, host, check, "an excluded one whom a rule would let in", { ...user("bob"), plan: "gold" }, false);
    await sees(name, host, check, "one whom a rule lets in", { ...user("cem"), plan: "gold" }, true);

    await steadfast.client.upload(`${SEGMENTS}/beta/uploads`, "key\ndan\n");
    await sees(name, host, check, "a member that was uploaded", user("dan"), true);
    await sees(name, host, check, "that the upload replaced the others", user("ada"), false);
  } catch (error) {
    check(`${name}: the story ends`, false, error.message);
  } finally {
    await host.stop();
    await steadfast.stop();
    await redis.stop();
  }
}

async function furnish(client) {
  const gold = { contextKind: "user", attribute: "plan", op: "in", values: ["gold"] };
  await client.post(SEGMENTS, { key: "beta", name: "Beta", unbounded: true, rules: [{ clauses: [gold] }] });
  await client.createBooleanFlag(FLAG);
  const inBeta = { attribute: "", op: "segmentMatch", values: ["beta"] };
  await client.instruct(
    "production",
    FLAG,
    { kind: "turnFlagOn" },
    { kind: "setFallthrough", variation: 1 },
    { kind: "addRule", rule: { clauses: [inBeta], variation: 0 } },
  );
}

// The SDK calls a Redis that was never stamped stale, and asks again only after five seconds.
async function stamped(client) {
  const ran = async () => {
    const { reconcilers } = await client.get("/api/status");
    return reconcilers.some((one) => one.name === "big-segments-redis" && one.last?.outcome.kind === "done");
  };
  await until(ran);
}

async function sees(name, host, check, what, context, value) {
  const asked = performance.now();
  let last;
  const seen = await until(async () => {
    last = await host.evaluate(FLAG, context, !value);
    return last.value === value;
  });
  const ms = Math.round(performance.now() - asked);
  check(`${name}: sees ${what}`, seen, seen ? `${ms} ms` : JSON.stringify(last));
}

async function until(holds) {
  const end = Date.now() + PATIENCE_MS;
  while (Date.now() < end) {
    if (await holds()) return true;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return false;
}
