// The LaunchDarkly Node client SDK, unmodified, behind JSON lines (../README.md).
import { createInterface } from "node:readline";
import { initialize } from "launchdarkly-node-client-sdk";
import { clientHost } from "../lib/client.mjs";

const say = (message) => process.stdout.write(`${JSON.stringify(message)}\n`);
const quiet = { error() {}, warn() {}, info() {}, debug() {} };

async function open(url, environment, context, options) {
  const client = initialize(environment, context, {
    baseUrl: url,
    streamUrl: url,
    eventsUrl: url,
    evaluationReasons: true,
    logger: quiet,
    ...options,
  });
  await client.waitForInitialization(5);
  return client;
}

const does = clientHost(open, (_client, _flag, told) => told, say);

for await (const line of createInterface({ input: process.stdin })) {
  const message = JSON.parse(line);
  if (message.do === "stop") process.exit(0);
  await does[message.do](message).catch((error) => say({ is: "failed", why: String(error) }));
}
