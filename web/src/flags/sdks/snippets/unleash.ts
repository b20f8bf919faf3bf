// Unleash's SDKs. Those for Node, Python and browsers are run against this server by its tests; the others are as their makers document them.
import { type Facts, literal, type Snippet } from "./snippet";

const server = { key: "sdk", family: "unleash" } as const;

export const unleash: Snippet[] = [
  {
    ...server,
    id: "unleash-node",
    name: "Unleash in Node",
    install: "npm install unleash-client",
    text: node,
  },
  {
    ...server,
    key: "clientSide",
    id: "unleash-web",
    name: "Unleash in browsers",
    install: "npm install unleash-proxy-client",
    text: web,
  },
  {
    ...server,
    id: "unleash-python",
    name: "Unleash in Python",
    install: "pip install UnleashClient",
    text: python,
  },
  {
    ...server,
    id: "unleash-go",
    name: "Unleash in Go",
    install: "go get github.com/Unleash/unleash-client-go/v4",
    text: go,
  },
];

function node({ base, key, flag, fallback }: Facts): string {
  return `import { startUnleash } from "unleash-client";

const unleash = await startUnleash({
  url: "${base}/api",
  appName: "my-app",
  customHeaders: { Authorization: "${key}" },
});

const isOn = unleash.isEnabled("${flag}", { userId: "ada" }, ${literal(fallback === true)});
const variant = unleash.getVariant("${flag}", { userId: "ada" });`;
}

function web({ base, key, flag }: Facts): string {
  return `import { UnleashClient } from "unleash-proxy-client";

const unleash = new UnleashClient({
  url: "${base}/api/frontend",
  clientKey: "${key}",
  appName: "my-app",
});
await unleash.updateContext({ userId: "ada" });
await unleash.start();

const isOn = unleash.isEnabled("${flag}");
const variant = unleash.getVariant("${flag}");`;
}

function python({ base, key, flag }: Facts): string {
  return `from UnleashClient import UnleashClient

unleash = UnleashClient(
    url="${base}/api", app_name="my-app", custom_headers={"Authorization": "${key}"}
)
unleash.initialize_client()

is_on = unleash.is_enabled("${flag}", {"userId": "ada"})
variant = unleash.get_variant("${flag}", {"userId": "ada"})`;
}

function go({ base, key, flag }: Facts): string {
  return `import (
	"net/http"

	"github.com/Unleash/unleash-client-go/v4"
	"github.com/Unleash/unleash-client-go/v4/context"
)

unleash.Initialize(
	unleash.WithUrl("${base}/api"),
	unleash.WithAppName("my-app"),
	unleash.WithCustomHeaders(http.Header{"Authorization": {"${key}"}}),
)
unleash.WaitForReady()

user := context.Context{UserId: "ada"}
isOn := unleash.IsEnabled("${flag}", unleash.WithContext(user))
variant := unleash.GetVariant("${flag}", unleash.WithVariantContext(user))`;
}
