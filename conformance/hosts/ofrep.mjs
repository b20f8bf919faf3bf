// OpenFeature's OFREP provider for Node, unmodified, behind JSON lines (../README.md).
import { createInterface } from "node:readline";
import { OFREPProvider } from "@openfeature/ofrep-provider";
import { OpenFeature } from "@openfeature/server-sdk";

const say = (message) => process.stdout.write(`${JSON.stringify(message)}\n`);
let client;

const does = {
  async start({ url, sdkKey }) {
    await OpenFeature.setProviderAndWait(new OFREPProvider({ baseUrl: url, headers: [["Authorization", `Bearer ${sdkKey}`]] }));
    client = OpenFeature.getClient();
    say({ is: "started", ok: true });
  },
  async evaluate({ flag, context, default: fallback }) {
    const { key, kind, ...attributes } = context;
    const evaluationContext = { targetingKey: key, ...attributes };
    const details =
      typeof fallback === "boolean"
        ? await client.getBooleanDetails(flag, fallback, evaluationContext)
        : await client.getStringDetails(flag, fallback, evaluationContext);
    say({ is: "value", ...details });
  },
  async stop() {
    process.exit(0);
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const message = JSON.parse(line);
  await does[message.do](message).catch((error) => say({ is: "failed", why: String(error) }));
}
