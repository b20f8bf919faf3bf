// What to write in one's own code, for the SDKs that are tested against this server. Pure.
import type { Kind } from "../variations";

/** Where, by which key, which flag, and what is served when nothing is known. */
export type Facts = { base: string; key: string; flag: string; kind: Kind; fallback: unknown };

export type Snippet = {
  id: string;
  name: string;
  install: string;
  language: string;
  text: (facts: Facts) => string;
};

export const SNIPPETS: Snippet[] = [
  {
    id: "node",
    name: "Node",
    install: "npm install @launchdarkly/node-server-sdk",
    language: "js",
    text: node,
  },
  {
    id: "python",
    name: "Python",
    install: "pip install launchdarkly-server-sdk",
    language: "python",
    text: python,
  },
  { id: "rust", name: "Rust", install: "cargo add launchdarkly-server-sdk", language: "rust", text: rust },
  {
    id: "openfeature",
    name: "OpenFeature",
    install: "npm install @openfeature/server-sdk @openfeature/ofrep-provider",
    language: "js",
    text: openFeature,
  },
  { id: "curl", name: "curl", install: "", language: "sh", text: curl },
];

function node({ base, key, flag, fallback }: Facts): string {
  return `import { init } from "@launchdarkly/node-server-sdk";

const url = "${base}";
const client = init("${key}", { baseUri: url, streamUri: url, eventsUri: url });
await client.waitForInitialization({ timeout: 10 });

const context = { kind: "user", key: "ada" };
const value = await client.variation("${flag}", context, ${JSON.stringify(fallback)});`;
}

function python({ base, key, flag, fallback }: Facts): string {
  return `import ldclient
from ldclient import Context
from ldclient.config import Config

url = "${base}"
ldclient.set_config(Config("${key}", base_uri=url, stream_uri=url, events_uri=url))

context = Context.builder("ada").build()
value = ldclient.get().variation("${flag}", context, ${pythonLiteral(fallback)})`;
}

function rust({ base, key, flag, kind, fallback }: Facts): string {
  const [call, literal] = {
    boolean: ["bool_variation", JSON.stringify(fallback)],
    string: ["str_variation", `${JSON.stringify(fallback)}.to_string()`],
    number: ["float_variation", Number(fallback).toFixed(1)],
    json: ["json_variation", `serde_json::json!(${JSON.stringify(fallback)})`],
  }[kind] as [string, string];
  return `use launchdarkly_server_sdk::{Client, ConfigBuilder, ContextBuilder, ServiceEndpointsBuilder};
use std::time::Duration;

let config = ConfigBuilder::new("${key}")
    .service_endpoints(ServiceEndpointsBuilder::new().relay_proxy("${base}"))
    .build()?;
let client = Client::build(config)?;
client.start_with_default_executor();
client.wait_for_initialization(Duration::from_secs(10)).await;

let context = ContextBuilder::new("ada").build()?;
let value = client.${call}(&context, "${flag}", ${literal});`;
}

function openFeature({ base, key, flag, kind, fallback }: Facts): string {
  const call = { boolean: "Boolean", string: "String", number: "Number", json: "Object" }[kind];
  return `import { OpenFeature } from "@openfeature/server-sdk";
import { OFREPProvider } from "@openfeature/ofrep-provider";

await OpenFeature.setProviderAndWait(
  new OFREPProvider({ baseUrl: "${base}", headers: [["Authorization", "Bearer ${key}"]] }),
);
const client = OpenFeature.getClient();

const context = { targetingKey: "ada" };
const value = await client.get${call}Value("${flag}", ${JSON.stringify(fallback)}, context);`;
}

function curl({ base, key, flag }: Facts): string {
  return `curl ${base}/ofrep/v1/evaluate/flags/${flag} \\
  -H "Authorization: Bearer ${key}" \\
  -H "Content-Type: application/json" \\
  -d '{"context": {"targetingKey": "ada"}}'`;
}

function pythonLiteral(value: unknown): string {
  if (value === null) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  if (Array.isArray(value)) return `[${value.map(pythonLiteral).join(", ")}]`;
  if (typeof value === "object") {
    const members = Object.entries(value).map(
      ([name, member]) => `${JSON.stringify(name)}: ${pythonLiteral(member)}`,
    );
    return `{${members.join(", ")}}`;
  }
  return JSON.stringify(value);
}
