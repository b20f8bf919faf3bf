// In the page: the third generation of the JavaScript SDK.
import { clientHost } from "./client.mjs";
import { initialize } from "./sdk.js";

async function open(url, environment, context, options) {
  const addresses = { baseUrl: url, streamUrl: url, eventsUrl: url };
  const client = initialize(environment, context, { ...addresses, evaluationReasons: true, ...options });
  await client.waitForInitialization(5);
  return client;
}

export const host = clientHost(open, (_client, _flag, told) => told, window.say);
