// OpenFeature's OFREP provider for the web, unmodified, in Chromium (../lib/page.mjs).
import { hostInPage } from "../lib/page.mjs";

const provider = "@openfeature/ofrep-web-provider";
const modules = {
  "@openfeature/core": "@openfeature/core/dist/esm/index.js",
  "@openfeature/web-sdk": "@openfeature/web-sdk/dist/esm/index.js",
  // The provider's own, newer than that of the provider for Node.
  "@openfeature/ofrep-core": `${provider}/node_modules/@openfeature/ofrep-core/index.esm.js`,
  [provider]: `${provider}/index.esm.js`,
};
const address = (name) => `/modules/${name}.js`;
const files = Object.entries(modules).map(([name, path]) => [address(name), `node_modules/${path}`]);
const imports = Object.keys(modules).map((name) => [name, address(name)]);
await hostInPage({ ...Object.fromEntries(files), "/page.mjs": "hosts/page-ofrep.mjs" }, Object.fromEntries(imports));
