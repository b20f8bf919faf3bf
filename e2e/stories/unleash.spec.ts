// Unleash in the console: features brought over, and all that such a flag does edited where its strategies are.
import type { Page } from "@playwright/test";
import type { Api } from "../lib/api";
import { accessible, expect, named, test, toast } from "../lib/story";

test("an export of Unleash is looked through, imported, and found among the flags", async ({ page, at }) => {
  const key = named("checkout-of-unleash");
  await at("/settings/project");
  await page.getByRole("button", { name: "Import flags" }).click();
  const dialog = page.getByRole("dialog");
  const chosen = dialog.getByRole("radiogroup", { name: "Which system" });
  await chosen.getByText("Unleash").click();

  // Only what this server may call; the field says so.
  await dialog.getByLabel("Client token", { exact: true }).fill("*:production.secret");
  await dialog.getByLabel("Address").fill("http://127.0.0.1:4242/api");
  await dialog.getByRole("button", { name: "Look through it" }).click();
  await expect(dialog.getByText(/is not an address of the public internet/)).toBeVisible();
  await accessible(page);

  await dialog.getByText("A file").click();
  await dialog.locator("input[type=file]").setInputFiles(file("page.html", "<html>"));
  await expect(dialog.getByText(/This is no JSON/)).toBeVisible();
  await dialog.locator("input[type=file]").setInputFiles(file("export.json", JSON.stringify(exported(key))));
  await dialog.getByRole("combobox", { name: "Environment there" }).click();
  await page.getByRole("option", { name: "live" }).click();
  await accessible(page);
  await dialog.getByRole("button", { name: "Look through it" }).click();
  const report = dialog.getByRole("table", { name: "Report" });
  await expect(report.getByRole("row", { name: new RegExp(key) })).toContainText("created");
  await expect(report.getByRole("row", { name: /not a key/ })).toContainText("refused");
  await accessible(page);
  await dialog.getByRole("button", { name: "Import 1 into production" }).click();
  await expect(toast(page, /Imported into production: 1 created/)).toBeVisible();

  await at("/flags");
  await page.getByRole("textbox", { name: "Search flags" }).fill(key);
  // Its row, below the head.
  await expect(page.getByRole("table", { name: "Flags" }).getByRole("row")).toHaveCount(2);
  await page.getByRole("link", { name: key }).click();
  await expect(page.getByText("1. Let in 25 % of everyone, drawn by userId")).toBeVisible();
});

test("variants and a dependency are edited, told to SDKs, taken back, and restored", async ({ page, at, api }) => {
  const [key, engine] = [named("new-search"), named("search-engine")];
  for (const flag of [key, engine]) {
    await api.post("/api/projects/default/flags", { key: flag, name: flag, bucketing: "unleash" });
    await api.instruct("production", flag, { kind: "turnFlagOn" });
  }
  await at(`/flags/${key}`);
  await expect(page.getByText("There are none: SDKs tell those who are let in only that it is on.")).toBeVisible();

  // Two variants: a fifth gets blue, which comes with JSON; Ada gets it in any case.
  await page.getByRole("button", { name: "Add a variant" }).click();
  await page.getByRole("button", { name: "Add a variant" }).click();
  await page.getByRole("button", { name: "Edit variant variant-1" }).click();
  await page.getByLabel("Name", { exact: true }).fill("blue");
  await page.getByRole("checkbox", { name: "Fixed share" }).check();
  await page.getByRole("textbox", { name: "Share" }).fill("20");
  await page.getByRole("combobox", { name: "Comes with" }).click();
  await page.getByRole("option", { name: "JSON" }).click();
  await page.getByRole("textbox", { name: "Value" }).fill('{"colour": ');
  await expect(page.getByText("This is not JSON.")).toBeVisible();
  const review = page.getByRole("button", { name: "Review and save" });
  await expect(review).toBeDisabled();
  await page.getByRole("textbox", { name: "Value" }).fill('{"colour": "#00f"}');
  await page.getByRole("button", { name: "Always for somebody" }).click();
  await page.getByRole("combobox", { name: "Values that decide" }).fill("ada");
  await page.keyboard.press("Enter");
  await accessible(page);
  await page.getByRole("button", { name: "Done" }).click();
  await expect(page.getByText("20 % blue with “{\"colour\": \"#00f\"}”, always for userId “ada”")).toBeVisible();

  // Only while the engine is on.
  await page.getByRole("button", { name: "Depend on a flag" }).click();
  await page.getByRole("combobox", { name: "Flag" }).fill(engine);
  await page.getByRole("option", { name: engine }).click();
  await page.getByRole("button", { name: "Depend on it" }).click();
  await expect(page.getByRole("combobox", { name: `How ${engine} must be` })).toHaveValue("on");
  await accessible(page);

  await review.click();
  const dialog = page.getByRole("dialog");
  const changes = dialog.getByRole("list", { name: "What changes" });
  await expect(changes).toContainText("“blue” at a fixed 20 % with JSON");
  await expect(changes).toContainText(`Require that flag ${engine} is on`);
  await accessible(page);
  await dialog.getByRole("button", { name: "Save" }).click();
  const told = toast(page, `${key} is changed`);
  await expect(told).toBeVisible();

  const served = await feature(api, key);
  expect(served.variants.map(({ name, weight, weightType }) => [name, weight, weightType])).toEqual([
    ["blue", 200, "fix"],
    ["variant-2", 800, "variable"],
  ]);
  expect(served.variants[0]?.payload).toEqual({ type: "json", value: '{"colour": "#00f"}' });
  expect(served.dependencies).toEqual([{ feature: engine, enabled: true }]);

  // Taken back at once, since the toast stays for some seconds only.
  await told.getByRole("button", { name: "Undo" }).click();
  await expect(page.getByText("No other flag.")).toBeVisible();
  await expect.poll(async () => (await feature(api, key)).variants).toEqual([]);
  await expect.poll(() => variantOf(api, key, "ada")).toBe("disabled");

  // And what was saved put back, of which the history keeps the version.
  await page.getByRole("tab", { name: "History" }).click();
  await page.getByRole("button", { name: "Restore this version" }).first().click();
  await dialog.getByRole("button", { name: "Restore this version" }).click();
  await expect(toast(page, /Done, by change/)).toBeVisible();
  await expect.poll(async () => (await feature(api, key)).variants).toEqual(served.variants);
  await expect.poll(() => variantOf(api, key, "ada")).toBe("blue");
  await page.getByRole("tab", { name: "Targeting" }).click();
  await evaluate(page, { kind: "user", key: "ada" });
  await expect(page.getByText("so it is on for everyone, with the variant “blue”")).toBeVisible();
  await expect(page.getByLabel("What comes with the variant")).toHaveText('{"colour": "#00f"}');
  await accessible(page);
  await api.instruct("production", engine, { kind: "turnFlagOff" });
  await expect.poll(() => variantOf(api, key, "ada")).toBeUndefined();
  await api.instruct("production", engine, { kind: "turnFlagOn" });
  await expect.poll(() => variantOf(api, key, "ada")).toBe("blue");
});

test("a strategy has variants of its own, and what the server refuses stands at its field", async ({
  page,
  at,
  api,
}) => {
  const key = named("own-variants");
  await api.post("/api/projects/default/flags", { key, name: key, bucketing: "unleash" });
  await at(`/flags/${key}`);
  await page.getByRole("button", { name: "Add a strategy" }).click();
  await page.getByRole("combobox", { name: "Drawn by" }).fill("tenant");
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Add a variant of its own" }).click();
  const name = page.getByRole("textbox", { name: "Name" });
  await name.fill("x".repeat(400));
  await page.getByRole("button", { name: "Review and save" }).click();
  const dialog = page.getByRole("dialog");
  await expect(dialog.getByRole("alert")).toBeVisible();
  await dialog.getByRole("button", { name: "Back" }).click();
  await expect(name).toHaveAttribute("aria-invalid", "true");
  await accessible(page);
  await name.fill("green");
  await page.getByRole("button", { name: "Done" }).first().click();
  await page.getByRole("button", { name: "Review and save" }).click();
  await expect(dialog.getByRole("list", { name: "What changes" })).toContainText("who get the variants “green”");
  await dialog.getByRole("button", { name: "Save" }).click();
  await expect(toast(page, `${key} is changed`)).toBeVisible();
  const [strategy] = (await feature(api, key)).strategies;
  expect(strategy?.variants?.[0]).toMatchObject({ name: "green", weight: 1000, stickiness: "tenant" });
});

const file = (name: string, text: string) => ({ name, mimeType: "application/json", buffer: Buffer.from(text) });

/** An export of two environments; in `live` a quarter gets the feature. */
function exported(key: string) {
  const feature = (name: string) => ({ name, type: "release", project: "default" });
  const environments = ["beta", "live"].map((environment) => ({ featureName: key, environment, enabled: true }));
  const parameters = { rollout: "25", stickiness: "userId", groupId: key };
  return {
    features: [feature(key), feature("not a key")],
    featureEnvironments: environments,
    featureStrategies: [{ featureName: key, environment: "live", name: "flexibleRollout", parameters }],
    segments: [],
  };
}

type Variant = { name: string; weight: number; weightType?: string; payload?: object; stickiness?: string };
type Feature = { variants: Variant[]; dependencies: object[]; strategies: { variants?: Variant[] }[] };

/** What a backend SDK of Unleash receives of a feature. */
async function feature(api: Api, key: string): Promise<Feature> {
  const headers = { authorization: await api.sdkKey("production") };
  const response = await fetch(`${api.url}/api/client/features/${key}`, { headers });
  expect(response.status).toBe(200);
  return { variants: [], dependencies: [], strategies: [], ...((await response.json()) as Partial<Feature>) };
}

/** The variant that Unleash's frontend API tells a user; undefined while the feature is off for them. */
async function variantOf(api: Api, key: string, userId: string): Promise<string | undefined> {
  const headers = { authorization: await api.sdkKey("production") };
  const response = await fetch(`${api.url}/api/frontend?userId=${userId}`, { headers });
  const { toggles } = (await response.json()) as { toggles: { name: string; variant: { name: string } }[] };
  return toggles.find(({ name }) => name === key)?.variant.name;
}

async function evaluate(page: Page, context: object) {
  await page.getByLabel("Context", { exact: true }).fill(JSON.stringify(context));
  await page.getByRole("button", { name: "Evaluate" }).click();
}
