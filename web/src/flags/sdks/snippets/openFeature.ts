// OpenFeature's providers for its remote evaluation protocol, and the protocol by hand. All are run against this server by its tests.
import { type Facts, literal, type Snippet } from "./snippet";

const CALLS = { boolean: "Boolean", string: "String", number: "Number", json: "Object" };
const PYTHON_CALLS = { boolean: "boolean", string: "string", number: "float", json: "object" };
const PYTHON_WORDS: Record<string, string> = { true: "True", false: "False", null: "None" };

const server = { key: "sdk", family: "openFeature" } as const;

export const openFeature: Snippet[] = [
  {
    ...server,
    id: "openfeature-node",
    name: "OpenFeature in Node",
    install: "npm install @openfeature/server-sdk @openfeature/ofrep-provider",
    text: node,
  },
  {
    ...server,
    key: "clientSide",
    id: "openfeature-web",
    name: "OpenFeature in browsers",
    install: "npm install @openfeature/web-sdk @openfeature/ofrep-web-provider",
    text: web,
  },
  {
    ...server,
    id: "openfeature-python",
    name: "OpenFeature in Python",
    install: "pip install openfeature-sdk openfeature-provider-ofrep",
    text: python,
  },
  { ...server, id: "curl", name: "curl", install: "", text: curl },
];

function node({ base, key, flag, kind, fallback }: Facts): string {
  return `import { OpenFeature } from "@openfeature/server-sdk";
import { OFREPProvider } from "@openfeature/ofrep-provider";

await OpenFeature.setProviderAndWait(
  new OFREPProvider({ baseUrl: "${base}", headers: [["Authorization", "Bearer ${key}"]] }),
);
const client = OpenFeature.getClient();

const context = { targetingKey: "ada" };
const value = await client.get${CALLS[kind]}Value("${flag}", ${literal(fallback)}, context);`;
}

function web({ base, key, flag, kind, fallback }: Facts): string {
  return `import { OpenFeature } from "@openfeature/web-sdk";
import { OFREPWebProvider } from "@openfeature/ofrep-web-provider";

await OpenFeature.setContext({ targetingKey: "ada" });
await OpenFeature.setProviderAndWait(
  new OFREPWebProvider({ baseUrl: "${base}", headers: [["Authorization", "Bearer ${key}"]] }),
);

const value = OpenFeature.getClient().get${CALLS[kind]}Value("${flag}", ${literal(fallback)});`;
}

function python({ base, key, flag, kind, fallback }: Facts): string {
  const value = literal(fallback).replace(/\b(true|false|null)\b/g, (word) => PYTHON_WORDS[word] ?? word);
  return `from openfeature import api
from openfeature.contrib.provider.ofrep import OFREPProvider
from openfeature.evaluation_context import EvaluationContext

headers = {"Authorization": "Bearer ${key}"}
api.set_provider(OFREPProvider("${base}", headers_factory=lambda: headers))

context = EvaluationContext("ada")
value = api.get_client().get_${PYTHON_CALLS[kind]}_value("${flag}", ${value}, context)`;
}

function curl({ base, key, flag }: Facts): string {
  return `curl ${base}/ofrep/v1/evaluate/flags/${flag} \\
  -H "Authorization: Bearer ${key}" \\
  -H "Content-Type: application/json" \\
  -d '{"context": {"targetingKey": "ada"}}'`;
}
