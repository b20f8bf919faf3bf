// A segment with more members than an SDK should carry: made, filled from a file, and asked why somebody is in.
import type { Page } from "@playwright/test";
import type { Api } from "../lib/api";
import { accessible, expect, named, PLACE, test, toast } from "../lib/story";

const MEMBERS = 100_000;
const keys = (count: number) => Array.from({ length: count }, (_, at) => `user-${at}\n`).join("");
const csv = (text: string) => ({ name: "beta.csv", mimeType: "text/csv", buffer: Buffer.from(text) });

/** A flag that is on for who is in the segment. */
async function onlyFor(api: Api, segment: string): Promise<string> {
  const flag = named("for-members");
  await api.createFlag(flag);
  const clauses = [{ attribute: "", op: "segmentMatch", values: [segment] }];
  const instructions = [
    { kind: "turnFlagOn" },
    { kind: "setFallthrough", variation: 1 },
    { kind: "addRule", rule: { clauses, variation: 0 } },
  ];
  await api.instruct("production", flag, ...instructions);
  return flag;
}

/** Sends no faster than this, as over a slow line; the returned function takes the limit off. */
async function slowLine(page: Page, bytesPerSecond: number) {
  const browser = await page.context().newCDPSession(page);
  const limit = (uploadThroughput: number) =>
    browser.send("Network.emulateNetworkConditions", {
      offline: false,
      latency: 0,
      downloadThroughput: -1,
      uploadThroughput,
    });
  await limit(bytesPerSecond);
  return () => limit(-1);
}

/** Where there are members to lose, `typed` is the segment's key. */
async function replaceMembers(page: Page, text: string, typed?: string) {
  await page.locator("input[type=file]").setInputFiles(csv(text));
  await expect(page.getByText("beta.csv, ")).toBeVisible();
  await page.getByRole("button", { name: "Replace all members" }).click();
  const dialog = page.getByRole("dialog");
  if (typed) {
    await expect(dialog).toContainText("cannot be undone");
    await dialog.getByLabel(`Type ${typed} to go on`).fill(typed);
  }
  await dialog.getByRole("button", { name: "Replace all members" }).click();
}

test("a big segment is filled from a file, and the evaluator says why a member gets the flag", async ({
  page,
  at,
  api,
}) => {
  const key = named("beta");
  await at("/segments");
  await page.getByRole("button", { name: "Create a segment" }).first().click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Name", { exact: true }).fill(key);
  await dialog.getByRole("switch", { name: "A big segment" }).check();
  await expect(dialog.getByLabel("Kind of its members")).toHaveValue("user");
  await accessible(page);
  await dialog.getByRole("button", { name: "Create" }).click();
  await expect(page.getByRole("heading", { name: key, level: 1 })).toBeVisible();
  await expect(page.getByText("No key is on a list yet")).toBeVisible();
  await expect(page.getByText("Nothing has been uploaded yet.")).toBeVisible();
  await accessible(page);

  const fullSpeed = await slowLine(page, 300_000);
  await replaceMembers(page, keys(MEMBERS));
  await expect(page.getByRole("progressbar", { name: /^Upload: \d+ %/ })).toBeVisible();
  await expect(page.getByText(/Reading and checking: [\d,]+ keys so far/)).toBeVisible();
  await accessible(page);
  await fullSpeed();
  await expect(toast(page, "100,000 keys are served")).toBeVisible({ timeout: 60_000 });
  await expect(page.getByText("Included: 100,000 keys. Excluded: none.")).toBeVisible();
  await expect(page.getByRole("progressbar")).toHaveCount(0);

  await page.getByLabel("Key of a user").fill("user-4711");
  await page.getByRole("button", { name: "Look up" }).click();
  await expect(page.getByText("user-4711 is in.")).toBeVisible();
  await page.getByRole("button", { name: "Exclude" }).click();
  await expect(page.getByText("user-4711 is out, whatever the rules say.")).toBeVisible();
  await accessible(page);

  const flag = await onlyFor(api, key);
  await at(`/flags/${flag}`);
  const evaluate = async (user: string) => {
    await page.getByLabel("Context", { exact: true }).fill(JSON.stringify({ kind: "user", key: user }));
    await page.getByRole("button", { name: "Evaluate" }).click();
  };
  await evaluate("user-12");
  await expect(page.getByText(/Rule 1 .*matches/).first()).toBeVisible();
  await accessible(page);
  await evaluate("user-4711");
  await expect(page.getByText(/no rule|everyone else/i).first()).toBeVisible();
});

test("an upload that is cancelled or wrong changes nothing, and says so", async ({ page, api }) => {
  const key = named("beta");
  const segments = "/api/projects/default/environments/production/segments";
  await api.post(segments, { key, name: key, unbounded: true });
  await api.post(`${segments}/${key}/members`, { included: { add: ["ada"] } });
  await page.goto(`${PLACE}/segments/${key}`);
  await expect(page.getByText("Included: 1 key.")).toBeVisible();

  const fullSpeed = await slowLine(page, 20_000);
  await replaceMembers(page, keys(MEMBERS), key);
  await page.getByRole("button", { name: "Cancel the upload" }).click();
  await expect(page.getByText("Cancelled; nothing was changed.")).toBeVisible();
  await expect(page.getByRole("button", { name: "Choose a file" })).toBeEnabled();
  await expect(page.getByRole("alert")).toHaveCount(0);
  await fullSpeed();

  await replaceMembers(page, "user-1\nuser-2, user-3\n", key);
  await expect(page.getByText(/Not taken, and nothing was changed: line 2: there are several columns/)).toBeVisible();
  await expect(page.getByText("Included: 1 key.")).toBeVisible();
  await accessible(page);
});
