// A flag on its way to everyone: begun, held, resumed, aborted; and one that hurts, taken back by itself.
import { startHost } from "../lib/hosts";
import { accessible, expect, named, test, toast } from "../lib/story";

const QUICK = {
  key: "quick",
  name: "Quick",
  steps: [
    { name: "Half", audience: { percentage: 50 }, minimumSeconds: 600, minimumUnits: 10 },
    { name: "Everyone", audience: { percentage: 100 }, minimumSeconds: 0, minimumUnits: 0 },
  ],
};

test("a release is started, held, resumed and aborted; each click says its reach before", async ({
  page,
  at,
  api,
}) => {
  const flag = named("search-v3");
  const metric = named("search-failed");
  await api.createFlag(flag);
  await api.createMetric(metric);

  await at(`/flags/${flag}`);
  await page.getByRole("link", { name: "Start a release" }).click();
  await expect(page.getByRole("heading", { name: "Start a release" })).toBeVisible();
  await page.getByRole("button", { name: "Watch a metric" }).click();
  await page.getByRole("combobox", { name: "Metric" }).click();
  await page.getByRole("option", { name: `Metric ${metric}` }).click();
  await expect(
    page.getByText(new RegExp(`If Metric ${metric} gets more than 0.2 percentage points above`)),
  ).toBeVisible();
  await accessible(page);
  await page.getByRole("button", { name: "Start the release" }).click();

  await expect(page.getByRole("heading", { name: `Release of ${flag}` })).toBeVisible();
  await expect(page.getByText(/1 % have on since/)).toBeVisible();
  await expect(
    page.getByRole("list", { name: "Decisions" }).getByText(/Started by Ada Lovelace/),
  ).toBeVisible();
  await accessible(page);

  const dialog = page.getByRole("dialog");
  await page.getByRole("button", { name: "Hold" }).click();
  await expect(dialog.getByText(/1 % have on and nobody more/)).toBeVisible();
  await dialog.getByLabel(/Why/).fill("Lunch");
  await accessible(page);
  await dialog.getByRole("button", { name: "Hold" }).click();
  await expect(toast(page, "held with 1 %")).toBeVisible();
  await expect(page.getByText(/Held by Ada Lovelace with 1 %: Lunch/).first()).toBeVisible();

  await page.getByRole("button", { name: "Resume" }).click();
  await dialog.getByRole("button", { name: "Resume" }).click();
  await expect(toast(page, "under way with 1 %")).toBeVisible();

  await at("/now");
  await expect(page.getByText("1 release under way", { exact: false })).toBeVisible();
  await accessible(page);
  await page.getByRole("link", { name: `Release of ${flag}` }).click();

  await page.getByRole("button", { name: "Abort" }).click();
  await expect(dialog.getByText(/1 % of contexts lose on within a second/)).toBeVisible();
  await dialog.getByRole("button", { name: "Abort" }).click();
  await expect(page.getByText(/Nobody has on any more/).first()).toBeVisible();
  await expect(page.getByRole("button", { name: "Hold" })).toBeHidden();

  await at("/releases?show=all");
  await expect(page.getByRole("link", { name: flag })).toBeVisible();
  await accessible(page);
});

test("a release that hurts is taken back by itself, pages, and its link shows what was taken back", async ({
  page,
  at,
  api,
  server,
  browser,
}) => {
  const flag = named("payment-v2");
  const metric = named("payment-failed");
  await api.createFlag(flag);
  await api.createMetric(metric);
  await api.post("/api/projects/default/pipelines", QUICK);
  const host = await startHost("Node", server.url, await api.sdkKey("production"));
  const path = "/api/projects/default/environments/production/releases";
  const request = { flag, treatment: 0, control: 1, pipeline: QUICK.key, service: "default" };
  const followed = host.watch(flag, { kind: "user", key: "somebody" }, false);
  const { id } = await api.post<{ id: string }>(path, { ...request, guards: [{ metric }] });
  await followed;
  await at(`/releases/${id}`);
  await expect(page.getByText(/50 % have on since/)).toBeVisible();

  // Everybody who has it fails; nobody else does.
  for (let visitor = 0; visitor < 60; visitor += 1) {
    const context = { kind: "user", key: `visitor-${visitor}` };
    const { value } = await host.evaluate(flag, context, false);
    if (value === true) await host.track(metric, context);
    if (visitor % 20 === 19) await host.flush();
  }
  await expect(page.getByText(/Nobody has on any more; taken back/)).toBeVisible({ timeout: 30_000 });
  await expect(page.getByRole("img", { name: /Evidence of harm/ })).toBeVisible();
  await expect(page.getByText(/Rolled back: .* evidence .* passed/)).toBeVisible();
  await accessible(page);
  await host.stop();

  // The page tells what was taken back; looking changes nothing.
  const mail = await server.mailbox.mail(({ text }) => text.includes(flag));
  const link = mail.text.match(/http\S+\/pages\/[A-Za-z0-9_-]+/)?.[0] ?? "";
  const phone = await browser.newContext({ viewport: { width: 390, height: 844 } });
  const small = await phone.newPage();
  await small.goto(link);
  await expect(small.getByText(/took it back/)).toBeVisible();
  await accessible(small);
  await phone.close();

  // The incident names the change that caused it first, and that it was taken back.
  await at("/incidents?show=all");
  await page.getByRole("link", { name: new RegExp(flag) }).click();
  await expect(page.getByText("Caused it")).toBeVisible();
  await expect(page.getByText(/Taken back by change \d+/)).toBeVisible();
  await accessible(page);
});
