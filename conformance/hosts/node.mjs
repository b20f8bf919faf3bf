// The LaunchDarkly Node server SDK, unmodified, behind JSON lines (../README.md).
import { createInterface } from "node:readline";
import { init } from "@launchdarkly/node-server-sdk";
import { RedisBigSegmentStore } from "@launchdarkly/node-server-sdk-redis";

const say = (message) => process.stdout.write(`${JSON.stringify(message)}\n`);
const quiet = { error() {}, warn() {}, info() {}, debug() {} };
let client;

const does = {
  async start({ url, sdkKey, redis, ...options }) {
    // Members are looked up in this Redis. The SDK keeps what it looked up, and longer each time it is asked: the story asks
    // again and again, so it would never see a change unless that is shorter than its pause.
    if (redis) {
      const store = RedisBigSegmentStore({ redisOpts: { path: redis.path }, prefix: redis.prefix });
      options.bigSegments = { store, userCacheTime: 0.001 };
    }
    client = init(sdkKey, { baseUri: url, streamUri: url, eventsUri: url, flushInterval: 1, logger: quiet, ...options });
    await client.waitForInitialization({ timeout: 10 });
    say({ is: "started", ok: client.initialized() });
  },
  async evaluate({ flag, context, default: fallback }) {
    const detail = await client.variationDetail(flag, context, fallback);
    say({ is: "value", value: detail.value, variationIndex: detail.variationIndex, reason: detail.reason });
  },
  async watch({ flag, context, default: fallback }) {
    let last = await client.variation(flag, context, fallback);
    client.on(`update:${flag}`, async () => {
      const value = await client.variation(flag, context, fallback);
      if (value !== last) say({ is: "changed", value: (last = value) });
    });
    say({ is: "watching" });
  },
  async track({ event, context }) {
    client.track(event, context);
    say({ is: "tracked" });
  },
  async flush() {
    await client.flush();
    say({ is: "flushed" });
  },
  async stop() {
    client?.close();
    process.exit(0);
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const message = JSON.parse(line);
  await does[message.do](message).catch((error) => say({ is: "failed", why: String(error) }));
}
