// In the page: the fourth generation of the JavaScript SDK.
import { clientHost } from "./client.mjs";
import { createClient } from "./sdk.js";

async function open(url, environment, context, { bootstrap, ...options }) {
  const addresses = { baseUri: url, streamUri: url, eventsUri: url };
  const client = createClient(environment, context, { ...addresses, withReasons: true, ...options });
  const { status } = await client.start({ timeout: 5, bootstrap });
  return status === "complete" ? client : undefined;
}

export const host = clientHost(open, (client, flag) => client.allFlags()[flag], window.say);
