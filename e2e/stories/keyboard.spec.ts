// Nothing but a keyboard.
import { expect, named, test } from "../lib/story";

test("⌘K goes anywhere, j and k move, Enter opens", async ({ page, at, api }) => {
  const flags = [named("keyboard"), named("keyboard")];
  for (const flag of flags) await api.createFlag(flag);
  await at("/now");
  await expect(page.getByRole("heading", { name: "Now" })).toBeVisible();

  await page.keyboard.press("ControlOrMeta+k");
  await expect(
    page.getByRole("searchbox", { name: "Search or do" }).or(page.getByLabel("Search or do").last()),
  ).toBeFocused();
  await page.keyboard.type("Go to Flags");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { name: "Flags" })).toBeVisible();

  await page.getByLabel("Search flags").focus();
  await page.keyboard.type("keyboard-");
  await expect(page.getByRole("table", { name: "Flags" }).getByRole("link")).toHaveText(flags);
  await page.keyboard.press("Escape");
  await page.getByLabel("Search flags").blur();
  await page.keyboard.press("j");
  const first = await focused();
  await page.keyboard.press("j");
  const second = await focused();
  expect(second).not.toBe(first);
  await page.keyboard.press("k");
  expect(await focused()).toBe(first);
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { name: first, level: 1 })).toBeVisible();

  // A flag is found by its name.
  await page.keyboard.press("ControlOrMeta+k");
  await page.keyboard.type(flags[1] ?? "");
  await expect(
    page
      .getByRole("dialog")
      .getByText(flags[1] ?? "")
      .first(),
  ).toBeVisible();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { name: flags[1], level: 1 })).toBeVisible();

  function focused(): Promise<string> {
    return page.evaluate(() => document.activeElement?.textContent?.trim() ?? "");
  }
});
