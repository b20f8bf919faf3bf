// LaunchDarkly's SDKs for servers. Node, Python and Rust are run against this server by its tests; the others by their documentation.
import { type Facts, literal, quoted, type Snippet } from "./snippet";

const server = { key: "sdk", family: "launchDarkly" } as const;

export const servers: Snippet[] = [
  {
    ...server,
    id: "node",
    name: "Node",
    install: "npm install @launchdarkly/node-server-sdk",
    seenAs: ["NodeJSClient"],
    text: node,
  },
  {
    ...server,
    id: "python",
    name: "Python",
    install: "pip install launchdarkly-server-sdk",
    seenAs: ["PythonClient"],
    text: python,
  },
  {
    ...server,
    id: "rust",
    name: "Rust",
    install: "cargo add launchdarkly-server-sdk",
    seenAs: ["RustServerClient"],
    text: rust,
  },
  {
    ...server,
    id: "go",
    name: "Go",
    install: "go get github.com/launchdarkly/go-server-sdk/v7",
    seenAs: ["GoClient"],
    text: go,
  },
  {
    ...server,
    id: "java",
    name: "Java",
    install: 'implementation group: "com.launchdarkly", name: "launchdarkly-java-server-sdk", version: "7.+"',
    seenAs: ["JavaClient"],
    text: java,
  },
  {
    ...server,
    id: "dotnet",
    name: ".NET",
    install: "dotnet add package LaunchDarkly.ServerSdk",
    seenAs: ["DotNetClient"],
    text: dotnet,
  },
];

function node({ base, key, flag, fallback }: Facts): string {
  return `import { init } from "@launchdarkly/node-server-sdk";

const url = "${base}";
const client = init("${key}", { baseUri: url, streamUri: url, eventsUri: url });
await client.waitForInitialization({ timeout: 10 });

const context = { kind: "user", key: "ada" };
const value = await client.variation("${flag}", context, ${literal(fallback)});`;
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
  const [call, value] = {
    boolean: ["bool_variation", literal(fallback)],
    string: ["str_variation", `${literal(fallback)}.to_string()`],
    number: ["float_variation", Number(fallback).toFixed(1)],
    json: ["json_variation", `serde_json::json!(${literal(fallback)})`],
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
let value = client.${call}(&context, "${flag}", ${value});`;
}

function go({ base, key, flag, kind, fallback }: Facts): string {
  const [call, value] = {
    boolean: ["BoolVariation", literal(fallback)],
    string: ["StringVariation", literal(fallback)],
    number: ["Float64Variation", literal(fallback)],
    json: ["JSONVariation", `ldvalue.Parse([]byte(${quoted(fallback)}))`],
  }[kind] as [string, string];
  const values = kind === "json" ? '\n  "github.com/launchdarkly/go-sdk-common/v3/ldvalue"' : "";
  return `import (
  "time"

  "github.com/launchdarkly/go-sdk-common/v3/ldcontext"${values}
  ld "github.com/launchdarkly/go-server-sdk/v7"
  "github.com/launchdarkly/go-server-sdk/v7/ldcomponents"
)

config := ld.Config{ServiceEndpoints: ldcomponents.RelayProxyEndpoints("${base}")}
client, err := ld.MakeCustomClient("${key}", config, 10*time.Second)

context := ldcontext.New("ada")
value, err := client.${call}("${flag}", context, ${value})`;
}

function java({ base, key, flag, kind, fallback }: Facts): string {
  const [type, call, value] = {
    boolean: ["boolean", "boolVariation", literal(fallback)],
    string: ["String", "stringVariation", literal(fallback)],
    number: ["double", "doubleVariation", literal(fallback)],
    json: ["LDValue", "jsonValueVariation", `LDValue.parse(${quoted(fallback)})`],
  }[kind] as [string, string, string];
  return `import com.launchdarkly.sdk.*;
import com.launchdarkly.sdk.server.*;

LDConfig config = new LDConfig.Builder()
    .serviceEndpoints(Components.serviceEndpoints().relayProxy("${base}"))
    .build();
LDClient client = new LDClient("${key}", config);

LDContext context = LDContext.create("ada");
${type} value = client.${call}("${flag}", context, ${value});`;
}

function dotnet({ base, key, flag, kind, fallback }: Facts): string {
  const [call, value] = {
    boolean: ["BoolVariation", literal(fallback)],
    string: ["StringVariation", literal(fallback)],
    number: ["DoubleVariation", literal(fallback)],
    json: ["JsonVariation", `LdValue.Parse(${quoted(fallback)})`],
  }[kind] as [string, string];
  return `using LaunchDarkly.Sdk;
using LaunchDarkly.Sdk.Server;

var config = Configuration.Builder("${key}")
    .ServiceEndpoints(Components.ServiceEndpoints().RelayProxy("${base}"))
    .Build();
var client = new LdClient(config);

var context = Context.New("ada");
var value = client.${call}("${flag}", context, ${value});`;
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
