// LaunchDarkly's SDKs for browsers and apps. Those of JavaScript, and React's, are run against this server by its tests; the others by their documentation.
import { type Facts, literal, quoted, type Snippet } from "./snippet";

const browser = { key: "clientSide", family: "launchDarkly" } as const;
const mobile = { key: "mobile", family: "launchDarkly" } as const;

export const clients: Snippet[] = [
  {
    ...browser,
    id: "js",
    name: "JavaScript in browsers",
    install: "npm install @launchdarkly/js-client-sdk",
    seenAs: ["JSClient", "browser"],
    text: javascript,
  },
  {
    ...browser,
    id: "react",
    name: "React",
    install: "npm install launchdarkly-react-client-sdk",
    seenAs: ["JSClient", "browser"],
    text: react,
  },
  {
    ...browser,
    id: "node-client",
    name: "Node client",
    install: "npm install launchdarkly-node-client-sdk",
    text: nodeClient,
  },
  {
    ...mobile,
    id: "android",
    name: "Android",
    install: "implementation 'com.launchdarkly:launchdarkly-android-client-sdk:5.+'",
    seenAs: ["AndroidClient"],
    text: android,
  },
  {
    ...mobile,
    id: "ios",
    name: "iOS",
    install:
      '.package(url: "https://github.com/launchdarkly/ios-client-sdk.git", .upToNextMajor(from: "9.0.0"))',
    text: ios,
  },
];

function javascript({ base, key, flag, fallback }: Facts): string {
  return `import { createClient } from "@launchdarkly/js-client-sdk";

const url = "${base}";
const context = { kind: "user", key: "ada" };
const client = createClient("${key}", context, { baseUri: url, streamUri: url, eventsUri: url });
await client.start({ timeout: 5 });

const value = client.variation("${flag}", ${literal(fallback)});
client.on("change:${flag}", () => console.log(client.variation("${flag}", ${literal(fallback)})));`;
}

function react({ base, key, flag, fallback }: Facts): string {
  return `import { asyncWithLDProvider, useLDClient } from "launchdarkly-react-client-sdk";

const url = "${base}";
const LDProvider = await asyncWithLDProvider({
  clientSideID: "${key}",
  context: { kind: "user", key: "ada" },
  options: { baseUrl: url, streamUrl: url, eventsUrl: url },
});

// Below <LDProvider>:
const value = useLDClient()?.variation("${flag}", ${literal(fallback)});`;
}

function nodeClient({ base, key, flag, fallback }: Facts): string {
  return `import { initialize } from "launchdarkly-node-client-sdk";

const url = "${base}";
const context = { kind: "user", key: "ada" };
const client = initialize("${key}", context, { baseUrl: url, streamUrl: url, eventsUrl: url });
await client.waitForInitialization(10);

const value = client.variation("${flag}", ${literal(fallback)});`;
}

function android({ base, key, flag, kind, fallback }: Facts): string {
  const [call, value] = {
    boolean: ["boolVariation", literal(fallback)],
    string: ["stringVariation", literal(fallback)],
    number: ["doubleVariation", Number(fallback).toFixed(1)],
    json: ["jsonValueVariation", `LDValue.parse(${quoted(fallback)})`],
  }[kind] as [string, string];
  return `import com.launchdarkly.sdk.*
import com.launchdarkly.sdk.android.*
import com.launchdarkly.sdk.android.LDConfig.Builder.AutoEnvAttributes

val config = LDConfig.Builder(AutoEnvAttributes.Enabled)
    .mobileKey("${key}")
    .serviceEndpoints(Components.serviceEndpoints().relayProxy("${base}"))
    .build()
val context = LDContext.create("ada")
val client = LDClient.init(application, config, context, 5)

val value = client.${call}("${flag}", ${value})`;
}

function ios({ base, key, flag, kind, fallback }: Facts): string {
  const [call, value] = {
    boolean: ["boolVariation", literal(fallback)],
    string: ["stringVariation", literal(fallback)],
    number: ["doubleVariation", Number(fallback).toFixed(1)],
    json: ["jsonVariation", ".null"],
  }[kind] as [string, string];
  return `import LaunchDarkly

let url = URL(string: "${base}")!
var config = LDConfig(mobileKey: "${key}", autoEnvAttributes: .enabled)
config.baseUrl = url
config.streamUrl = url
config.eventsUrl = url

guard case .success(let context) = LDContextBuilder(key: "ada").build() else { return }
LDClient.start(config: config, context: context, startWaitSeconds: 5) { _ in
    let value = LDClient.get()!.${call}(forKey: "${flag}", defaultValue: ${value})
}`;
}
