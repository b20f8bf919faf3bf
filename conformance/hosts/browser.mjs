// The LaunchDarkly JavaScript SDKs, unmodified, in Chromium (../lib/page.mjs).
import { hostInPage } from "../lib/page.mjs";

const SDKS = {
  3: "launchdarkly-js-client-sdk/dist/ldclient.es.js",
  4: "@launchdarkly/js-client-sdk/dist/index.js",
};
const version = process.argv[2];
await hostInPage({
  "/sdk.js": `node_modules/${SDKS[version]}`,
  "/client.mjs": "lib/client.mjs",
  "/page.mjs": `hosts/page-${version}.mjs`,
});
