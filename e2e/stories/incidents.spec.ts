// Something is wrong: an alert opens an incident, somebody takes it in hand, it ends.
import { accessible, expect, named, test, toast } from "../lib/story";

test("an alert becomes an incident that is acknowledged, noted and resolved", async ({ page, at, api }) => {
  const title = named("payments fail");
  await at("/incidents");
  await expect(page.getByRole("heading", { name: "Incidents" })).toBeVisible();
  await api.alert(title, { details: { region: "eu-1" } });

  // The list hears of it by itself.
  await page.getByRole("link", { name: title }).click();
  await expect(page.getByText("nobody has it yet")).toBeVisible();
  await expect(page.getByText("Nothing was changed here").or(page.getByText("None is proven"))).toBeVisible();
  await expect(page.getByText(/e-mail to ada@example.com/).first()).toBeVisible();
  await accessible(page);

  await page.getByRole("button", { name: "Acknowledge" }).click();
  await expect(toast(page, /acknowledged/)).toBeVisible();
  await expect(page.getByText("Ada Lovelace has it")).toBeVisible();

  await page.getByLabel("Note").fill("The provider says that they are on it.");
  await page.getByRole("button", { name: "Add the note" }).click();
  await expect(
    page.getByRole("list", { name: "Timeline" }).getByText("The provider says that they are on it."),
  ).toBeVisible();

  await page.getByRole("button", { name: "Resolve" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Resolve" }).click();
  await expect(page.getByRole("dialog")).toBeHidden();
  await expect(page.getByText(/Resolved (now|\d+ sec)/).first()).toBeVisible();
  await accessible(page);

  await at("/incidents");
  await expect(page.getByText("no incident is open")).toBeVisible();
  await page.getByText("All", { exact: true }).click();
  await expect(page.getByRole("link", { name: title })).toBeVisible();
  await accessible(page);
});

test("the link in a page shows what is wrong to whoever holds it, and acknowledges by a tap", async ({
  browser,
  api,
  server,
}) => {
  const title = named("search is slow");
  const { incident } = await api.alert(title);
  const mail = await server.mailbox.mail(({ text }) => text.includes(title));
  const link = mail.text.match(/http\S+\/pages\/[A-Za-z0-9_-]+/)?.[0] ?? "";

  // A phone without a session.
  const phone = await browser.newContext({ viewport: { width: 390, height: 844 } });
  const page = await phone.newPage();
  await page.goto(link);
  await expect(page.getByRole("heading", { name: title })).toBeVisible();
  await expect(page.getByText("Nobody yet.")).toBeVisible();
  await accessible(page);
  const before = await api.get<{ state: string }>(`/api/incidents/${incident}`);
  expect(before.state).toBe("triggered");

  await page.getByRole("button", { name: "Acknowledge" }).click();
  await expect(page.getByText(/Ada Lovelace, since/)).toBeVisible();
  await expect(page.getByRole("button", { name: "Acknowledge" })).toBeHidden();
  await accessible(page);
  const after = await api.get<{ state: string }>(`/api/incidents/${incident}`);
  expect(after.state).toBe("acknowledged");
  await api.post(`/api/incidents/${incident}/resolve`);
  await phone.close();
});
