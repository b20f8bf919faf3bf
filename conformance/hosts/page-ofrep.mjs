// In the page: OpenFeature's OFREP provider for the web, which holds the values of one context and hears of changes by an
// event stream.
import { OFREPWebProvider } from "@openfeature/ofrep-web-provider";
import { OpenFeature, ProviderEvents } from "@openfeature/web-sdk";

const say = window.say;
const client = OpenFeature.getClient();
let present;

async function be({ key, kind, ...attributes }) {
  const context = { targetingKey: key, kind, ...attributes };
  if (JSON.stringify(context) === JSON.stringify(present)) return;
  await OpenFeature.setContext((present = context));
}

export const host = {
  async start({ url, sdkKey, context, ...options }) {
    await OpenFeature.clearProviders();
    await be(context);
    const headers = [["Authorization", `Bearer ${sdkKey}`]];
    await OpenFeature.setProviderAndWait(new OFREPWebProvider({ baseUrl: url, headers, ...options }));
    say({ is: "started", ok: true });
  },
  async evaluate({ flag, context, default: fallback }) {
    await be(context);
    say({ is: "value", ...client.getBooleanDetails(flag, fallback) });
  },
  async watch({ flag, context, default: fallback }) {
    await be(context);
    let last = client.getBooleanValue(flag, fallback);
    client.addHandler(ProviderEvents.ConfigurationChanged, () => {
      const value = client.getBooleanValue(flag, fallback);
      if (value !== last) say({ is: "changed", value: (last = value) });
    });
    say({ is: "watching" });
  },
};
