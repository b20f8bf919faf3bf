// See it working: a real SDK comes, tells what it does, and the console shows it as it happens.
import type { Page } from "@playwright/test";
import type { Api } from "../lib/api";
import { startHost } from "../lib/hosts";
import { accessible, expect, named, test } from "../lib/story";

const ADA = { kind: "user", key: "ada" };

/** An environment of which no other story knows. */
async function fresh(api: Api) {
  const key = named("stage");
  await api.post("/api/projects/default/environments", { key, name: key, production: false });
  return { key, place: `/default/${key}` };
}

const connection = (page: Page) => page.getByRole("status", { name: "Connection" });

test("the code of an SDK is copied, and its first connection is seen without a reload", async ({
  page,
  api,
  server,
}) => {
  const { key, place } = await fresh(api);
  await page.goto(`${place}/sdks`);
  await expect(page.getByText("No SDK has been seen here yet.")).toBeVisible();
  await page.getByRole("combobox", { name: "SDK" }).click();
  await page.getByRole("option", { name: "Node", exact: true }).click();
  const sdkKey = await api.sdkKey(key);
  await expect(page.getByText(`init("${sdkKey}", { baseUri: url`)).toBeVisible();
  await expect(connection(page)).toContainText("Waiting for the first connection");
  await accessible(page);

  const host = await startHost("Node", server.url, sdkKey);
  try {
    await expect(connection(page)).toContainText(/Connected: NodeJSClient \d+\.\d+\.\d+/);
    await page.getByRole("tab", { name: "Connected" }).click();
    const row = page.getByRole("table", { name: "SDKs" }).getByRole("row", { name: /NodeJSClient/ });
    await expect(row).toContainText("1 stream");
    await expect(row).toContainText("SDK key");
    await accessible(page);
  } finally {
    await host.stop();
  }
  await expect(page.getByText("no stream now")).toBeVisible();
});

test("events are watched as they arrive, filtered, paused and resumed", async ({ page, api, server }) => {
  const { key, place } = await fresh(api);
  const [flag, event] = [named("watched"), named("paid")];
  await api.createFlag(flag);
  const host = await startHost("Node", server.url, await api.sdkKey(key));
  try {
    await page.goto(`${place}/sdks?tab=events`);
    const stream = page.getByRole("status", { name: "Stream" });
    await expect(stream).toContainText("watching");
    await expect(page.getByText("Nothing has arrived yet")).toBeVisible();
    await accessible(page);
    await host.evaluate(flag, ADA, false);
    await host.track(event, ADA);
    await host.flush();
    const table = page.getByRole("table", { name: "Live events" });
    await expect(table.getByRole("row", { name: new RegExp(`Custom ${event}`) })).toContainText("user ada");
    await expect(table.getByRole("row", { name: new RegExp(`Summary ${flag}`) })).toContainText("1 × false");
    await accessible(page);

    await page.getByRole("textbox", { name: "Context" }).fill("bob");
    await page.getByRole("button", { name: "Clear" }).click();
    await expect(page).toHaveURL(/context=bob/);
    await expect(stream).toContainText("watching");
    const bob = { kind: "user", key: "bob" };
    for (const context of [ADA, bob]) await host.track(event, context);
    await host.flush();
    await expect(table.getByText("user bob").first()).toBeVisible();
    await expect(table.getByText("user ada")).toHaveCount(0);

    await page.getByRole("button", { name: "Pause" }).click();
    await expect(stream).toContainText("paused");
    await expect(table.getByText("user bob").first()).toBeVisible();
    await page.getByRole("button", { name: "Resume" }).click();
    await expect(stream).toContainText("watching");
  } finally {
    await host.stop();
  }
});

test("evaluations are drawn by variation, over an hour, a day and a week", async ({ page, api, server }) => {
  const { key, place } = await fresh(api);
  const flag = named("counted");
  await api.createFlag(flag);
  const host = await startHost("Node", server.url, await api.sdkKey(key));
  try {
    await host.evaluate(flag, ADA, false);
    await api.instruct(key, flag, { kind: "turnFlagOn" });
    await expect.poll(async () => (await host.evaluate(flag, ADA, false)).value).toBe(true);
    await host.flush();
  } finally {
    await host.stop();
  }
  await page.goto(`${place}/flags/${flag}?tab=evaluations`);
  await expect(page.getByRole("img", { name: `Evaluations of ${flag} by variation` })).toBeVisible();
  await accessible(page);
  for (const range of ["1 day", "1 week"]) {
    await page.getByText(range, { exact: true }).click();
    await expect(page.getByText(/\d+ evaluations; the lines are changes/)).toBeVisible();
  }
  await expect(page).toHaveURL(/range=week/);
  await page.getByText("Show as a table").click();
  const table = page.getByRole("table", { name: `Evaluations of ${flag} by variation` });
  await expect(table.getByRole("columnheader", { name: "on", exact: true })).toBeVisible();
  await expect(table.getByRole("columnheader", { name: "off", exact: true })).toBeVisible();
});

test("the evaluator shows each rule and clause with what it saw, and agrees with the SDK", async ({
  page,
  at,
  api,
  server,
}) => {
  const flag = named("asked");
  await api.createFlag(flag);
  const clause = (attribute: string, op: string, value: unknown) => ({ attribute, op, values: [value] });
  const rule = (description: string, variation: number, ...clauses: object[]) => ({
    kind: "addRule",
    rule: { description, clauses, variation },
  });
  await api.instruct(
    "production",
    flag,
    { kind: "turnFlagOn" },
    rule("Staff", 1, clause("email", "endsWith", "@acme.com"), clause("plan", "in", "gold")),
    rule("Grown-ups", 0, clause("age", "greaterThanOrEqual", 30)),
  );
  await at(`/flags/${flag}`);
  const context = { ...ADA, email: "ada@home.org", plan: "gold", age: 36 };
  await page.getByLabel("Context", { exact: true }).fill(JSON.stringify(context));
  await page.getByRole("button", { name: "Evaluate" }).click();
  const steps = page.getByRole("region", { name: "Step by step" });
  await expect(steps.getByText(/false: .*email ends with “@acme.com” \(here: “ada@home.org”\)/)).toBeVisible();
  await expect(steps.getByText(/not looked at: .*plan is “gold”/)).toBeVisible();
  await expect(steps.getByText(/decided: .*Rule 2 “Grown-ups”/)).toBeVisible();
  await expect(steps.getByText(/not looked at: .*Everyone else/)).toBeVisible();
  const readings = page.getByRole("region", { name: "For which SDKs" });
  await expect(readings.getByText("Pages may not see this flag", { exact: false })).toBeVisible();
  await accessible(page);
  const host = await startHost("Node", server.url, await api.sdkKey("production"));
  try {
    expect((await host.evaluate(flag, context, false)).value).toBe(true);
  } finally {
    await host.stop();
  }
});
