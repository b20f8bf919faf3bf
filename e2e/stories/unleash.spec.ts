// Unleash in the console: features are brought over.
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
