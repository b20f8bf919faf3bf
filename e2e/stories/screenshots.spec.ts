// Every page at two widths and in both themes, for eyes; and for axe, since colours differ between themes.
import { mkdirSync } from "node:fs";
import type { Api } from "../lib/api";
import { startHost } from "../lib/hosts";
import type { Server } from "../lib/server";
import { accessible, expect, named, PLACE, test } from "../lib/story";

const FOLDER = "screenshots";
const WIDTHS = { wide: { width: 1440, height: 900 }, phone: { width: 390, height: 844 } };
const THEMES = ["light", "dark"] as const;

let pages: Record<string, string>;

test.beforeAll(async ({ api, server }) => {
  mkdirSync(FOLDER, { recursive: true });
  pages = await world(api, server);
});

for (const [width, viewport] of Object.entries(WIDTHS)) {
  for (const colorScheme of THEMES) {
    test.describe(`${width}, ${colorScheme}`, () => {
      test.use({ viewport, colorScheme });

      test(`every page is drawn and accessible, ${width}, ${colorScheme}`, async ({ page }) => {
        test.setTimeout(300_000);
        for (const [name, path] of Object.entries(pages)) {
          await page.goto(path);
          await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
          await expect(page.locator("[aria-busy=true]")).toHaveCount(0);
          await page.screenshot({ path: `${FOLDER}/${name}-${width}-${colorScheme}.png`, fullPage: true });
          await test.step(name, () => accessible(page));
        }
      });
    });
  }
}

/** Something to see on each page. */
async function world(api: Api, server: Server): Promise<Record<string, string>> {
  const [flag, metric] = [named("recommendations"), named("empty-basket")];
  await api.createFlag(flag);
  await api.createMetric(metric);
  const steps = [
    { name: "Half", audience: { percentage: 50 }, minimumSeconds: 600, minimumUnits: 10 },
    { name: "Everyone", audience: { percentage: 100 }, minimumSeconds: 0, minimumUnits: 0 },
  ];
  await api.post("/api/projects/default/pipelines", { key: "pictured", name: "Pictured", steps });
  const release = await api.post<{ id: string }>("/api/projects/default/environments/production/releases", {
    flag,
    treatment: 0,
    control: 1,
    pipeline: "pictured",
    guards: [{ metric, tolerance: { ratio: 1.5, absolute: 0.05 } }],
    comment: "The new model",
  });
  const segment = named("early-access");
  const segments = "/api/projects/default/environments/production/segments";
  await api.post(segments, { key: segment, name: "Early access", unbounded: true });
  await api.post(`${segments}/${segment}/members`, { included: { add: ["ada"] } });
  const host = await startHost("Node", server.url, await api.sdkKey("production"));
  // In rounds, each waiting until it was counted, so that there is a course to draw.
  for (let round = 0; round < 6; round += 1) {
    for (let visitor = 0; visitor < 40; visitor += 1) {
      const context = { kind: "user", key: `visitor-${round}-${visitor}` };
      await host.evaluate(flag, context, false);
      if (visitor % 9 === 0) await host.track(metric, context);
    }
    await host.flush();
    type Evidence = { guards: { series: unknown[] }[] };
    const windows = async () => {
      const { guards } = await api.get<Evidence>(`/api/releases/${release.id}/evidence`);
      return guards[0]?.series.length;
    };
    await expect.poll(windows, { timeout: 20_000 }).toBeGreaterThan(round);
  }
  await host.stop();
  const { incident } = await api.alert(named("the basket forgets"), { details: { shard: 3 } });
  await api.post(`/api/incidents/${incident}/note`, { text: "Only for baskets with more than ten things." });
  const mail = await server.mailbox.mail(({ text }) => text.includes("the basket forgets"));
  const link = new URL(mail.text.match(/http\S+\/pages\/[A-Za-z0-9_-]+/)?.[0] ?? server.url);
  return {
    now: `${PLACE}/now`,
    flags: `${PLACE}/flags`,
    flag: `${PLACE}/flags/${flag}`,
    "flag-history": `${PLACE}/flags/${flag}?tab=history`,
    "flag-code": `${PLACE}/flags/${flag}?tab=code`,
    "flag-strategies": `${PLACE}/flags/${await byUnleashsRules(api)}`,
    segments: `${PLACE}/segments`,
    "segment-big": `${PLACE}/segments/${segment}`,
    releases: `${PLACE}/releases`,
    "release-start": `${PLACE}/releases/new?flag=${flag}`,
    release: `${PLACE}/releases/${release.id}`,
    "flag-evaluations": `${PLACE}/flags/${flag}?tab=evaluations`,
    sdks: `${PLACE}/sdks`,
    "sdks-connect": `${PLACE}/sdks?tab=connect&sdk=node`,
    "sdks-events": `${PLACE}/sdks?tab=events`,
    metrics: `${PLACE}/metrics`,
    metric: `${PLACE}/metrics/${metric}`,
    incidents: `${PLACE}/incidents`,
    incident: `${PLACE}/incidents/${incident}`,
    link: link.pathname,
    "on-call": `${PLACE}/on-call`,
    policies: `${PLACE}/on-call?tab=policies`,
    "contact-methods": `${PLACE}/on-call?tab=contact`,
    settings: `${PLACE}/settings`,
    account: `${PLACE}/settings/account`,
  };
}

/** A flag by Unleash's rules, with something in each of its panels. */
async function byUnleashsRules(api: Api): Promise<string> {
  const [flag, other] = [named("new-search"), named("search-engine")];
  const constraints = [
    { contextName: "country", operator: "IN", values: ["no", "se", "dk"] },
    { contextName: "email", operator: "STR_ENDS_WITH", values: ["@example.com"], inverted: true },
  ];
  const rollout = { rollout: "25", stickiness: "userId" };
  const features = [
    { name: other, enabled: true, strategies: [] },
    {
      name: flag,
      enabled: true,
      strategies: [
        { name: "flexibleRollout", parameters: rollout, constraints },
        { name: "userWithId", parameters: { userIds: "ada,bob" }, disabled: true },
      ],
      variants: [
        { name: "blue", weight: 500, payload: { type: "string", value: "#00f" } },
        { name: "green", weight: 500, payload: { type: "json", value: '{"colour": "green"}' } },
      ],
      dependencies: [{ feature: other }],
    },
  ];
  await api.post("/api/projects/default/environments/production/import/unleash", { version: 2, features });
  return flag;
}
