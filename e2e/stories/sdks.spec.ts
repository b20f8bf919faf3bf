// A click in the console until three unmodified SDKs serve something else.
import { type Host, SDKS, type Sdk, startHost } from "../lib/hosts";
import { expect, named, test } from "../lib/story";

const CHANGE_MS = 500;
const ADA = { kind: "user", key: "ada" };

test("a flag that is switched in the console is switched in the Node, Python and Rust SDKs in under 500 ms", async ({
  page,
  at,
  api,
  server,
}) => {
  const key = named("switched");
  await api.createFlag(key);
  const sdkKey = await api.sdkKey("production");
  const hosts = new Map<Sdk, Host>();
  try {
    for (const sdk of SDKS) {
      const host = await startHost(sdk, server.url, sdkKey);
      hosts.set(sdk, host);
      await host.watch(key, ADA, false);
    }
    await at(`/flags/${key}`);
    for (const [turn, value] of [
      ["on", true],
      ["off", false],
      ["on", true],
    ] as const) {
      const button = page.getByRole("button", { name: `Turn ${turn}` });
      await button.hover();
      const seen = [...hosts.values()].map((host) => host.changedTo(value));
      const clicked = performance.now();
      await button.click();
      await Promise.all(seen);
      for (const [sdk, host] of hosts) {
        const ms = Math.round((host.changes.at(-1)?.at ?? Number.POSITIVE_INFINITY) - clicked);
        console.log(`${sdk}: ${turn} ${ms} ms after the click`);
        expect.soft(ms, `${sdk} sees ${turn}`).toBeLessThan(CHANGE_MS);
      }
    }
  } finally {
    await Promise.all([...hosts.values()].map((host) => host.stop()));
  }
});
