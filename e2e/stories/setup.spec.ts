// Nobody is here yet: the first admin comes in by the printed link, goes, and comes back by password.
import { test as base } from "@playwright/test";
import { ADA } from "../lib/api";
import { type Server, startServer } from "../lib/server";
import { accessible, expect } from "../lib/story";

const test = base.extend<{ server: Server }>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the parameters to know what a fixture needs
  server: async ({}, use) => {
    const server = await startServer();
    await use(server);
    await server.stop();
  },
});

test("set up by the printed link, log out, log in", async ({ page, server }) => {
  await page.goto(server.setUpLink);
  await accessible(page);
  await page.getByLabel("Name").fill(ADA.name);
  await page.getByLabel("E-mail").fill(ADA.email);
  await page.getByLabel("Password", { exact: true }).fill(ADA.password);
  await page.getByRole("main").getByRole("button").last().click();
  await expect(page.getByRole("heading", { name: "Now" })).toBeVisible();
  await expect(page.getByText("Nothing risky is going on.")).toBeVisible();

  await page.getByRole("button", { name: `You: ${ADA.name}` }).click();
  await page.getByRole("menuitem", { name: "Log out" }).click();
  await expect(page.getByLabel("E-mail")).toBeVisible();
  await accessible(page);

  await page.getByLabel("E-mail").fill(ADA.email);
  await page.getByLabel("Password", { exact: true }).fill("not this one at all");
  await page.getByRole("button", { name: "Log in" }).click();
  await expect(page.getByRole("alert")).toBeVisible();
  await page.getByLabel("Password", { exact: true }).fill(ADA.password);
  await page.getByRole("button", { name: "Log in" }).click();
  await expect(page.getByRole("heading", { name: "Now" })).toBeVisible();
});
