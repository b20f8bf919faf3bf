// Settings of an environment that are more than words.
import { accessible, expect, test, toast } from "../lib/story";

test("secure mode is turned on with its consequence said, and off again by its undo", async ({ page, at }) => {
  await at("/settings/project");
  await page.getByRole("button", { name: "Turn secure mode on" }).click();
  const told = toast(page, /Secure mode is on in Production/);
  await expect(told).toBeVisible();
  await expect(page.getByText("On: a page whose hash is missing or wrong gets no flags.")).toBeVisible();
  await accessible(page);
  await told.getByRole("button", { name: "Undo" }).click();
  await expect(page.getByRole("button", { name: "Turn secure mode on" })).toBeVisible();
});
