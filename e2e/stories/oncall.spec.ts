// Somebody stands in for somebody else.
import { accessible, expect, test, toast } from "../lib/story";

test("an override is previewed, saved, seen in the week, and taken away", async ({ page, at, api }) => {
  await api.invite("Bob");
  await at("/on-call");
  await expect(page.getByText(/Ada Lovelace is on call/)).toBeVisible();
  await accessible(page);

  await page.getByRole("combobox", { name: "Who stands in" }).click();
  await page.getByRole("option", { name: "Bob" }).click();
  await expect(page.getByText(/Bob instead of Ada Lovelace/)).toBeVisible();
  await page.getByRole("button", { name: "Save the override" }).click();
  await expect(toast(page, "Bob stands in.")).toBeVisible();

  const overrides = page.getByRole("list", { name: "Overrides" });
  await expect(overrides.getByText(/Bob stands in/)).toBeVisible();
  await expect(page.getByRole("list", { name: "Shifts" }).getByText(/Bob/)).toBeVisible();
  await accessible(page);

  await overrides.getByRole("button", { name: "Take away" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Take the override away" }).click();
  await expect(overrides).toBeHidden();
});

test("services, policies, schedules and contact methods are set up in plain forms", async ({ page, at }) => {
  await at("/on-call?tab=policies");
  await page.getByRole("button", { name: "Add a policy" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Key").fill("shop");
  await dialog.getByLabel("Name").fill("Shop");
  await dialog.getByRole("combobox", { name: "Page" }).click();
  await page.getByRole("option", { name: "Ada Lovelace" }).click();
  await page.keyboard.press("Escape");
  await accessible(page);
  await dialog.getByRole("button", { name: "Save" }).click();
  await expect(
    page.getByRole("listitem").filter({ hasText: "Shop" }).getByText("Ada Lovelace, for 5 min"),
  ).toBeVisible();

  await page.getByRole("tab", { name: "Services" }).click();
  await page.getByRole("button", { name: "Add a service" }).click();
  await dialog.getByLabel("Key").fill("not a key");
  await dialog.getByLabel("Name").fill("Checkout");
  await dialog.getByRole("button", { name: "Save" }).click();
  await expect(dialog.getByRole("alert").or(dialog.getByText(/key/i).nth(1))).toBeVisible();
  await dialog.getByLabel("Key").fill("checkout");
  await dialog.getByRole("button", { name: "Save" }).click();
  await expect(dialog).toBeHidden();
  await expect(page.getByText("Paged by default", { exact: false }).first()).toBeVisible();
  await accessible(page);

  await page.getByRole("tab", { name: "Schedules" }).click();
  await expect(page.getByText(/handed over/).first()).toBeVisible();
  await accessible(page);

  await page.getByRole("tab", { name: "Contact methods" }).click();
  await expect(page.getByText("E-mail to ada@example.com")).toBeVisible();
  await page.getByRole("button", { name: "Send a test to ada@example.com" }).click();
  await expect(page.getByText(/Took a message/)).toBeVisible({ timeout: 20_000 });
  await accessible(page);
});
