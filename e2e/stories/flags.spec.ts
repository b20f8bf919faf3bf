// A flag from its making to its history.
import { accessible, expect, named, test, toast } from "../lib/story";

test("a flag is created, aimed with its diff in words, killed, brought back, and restored", async ({
  page,
  at,
}) => {
  const key = named("checkout-v2");
  await at("/flags");
  await page.getByRole("button", { name: "Create a flag" }).first().click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Name", { exact: true }).fill(key);
  await accessible(page);
  await dialog.getByRole("button", { name: "Create" }).click();
  await expect(page.getByRole("heading", { name: key, level: 1 })).toBeVisible();
  await accessible(page);

  // Staff get it first.
  await page.getByRole("button", { name: "Add a rule" }).click();
  await page.getByRole("combobox", { name: "Attribute" }).fill("email");
  await page.keyboard.press("Escape");
  await page.getByRole("combobox", { name: "Comparison" }).click();
  await page.getByRole("option", { name: "ends with", exact: true }).click();
  await page.getByRole("combobox", { name: "Values" }).fill("@acme.com");
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "Done" }).click();
  await expect(page.getByText(/If .*email ends with .*@acme.com/)).toBeVisible();
  await page.getByRole("button", { name: "Review and save" }).click();
  await expect(dialog.getByRole("list", { name: "What changes" })).toContainText("@acme.com");
  await dialog.getByLabel("Why").fill("Staff see it first");
  await accessible(page);
  await dialog.getByRole("button", { name: "Save" }).click();
  await expect(toast(page, `${key} is changed`)).toBeVisible();

  // On, off, and back again by the toast.
  await page.getByRole("button", { name: "Turn on" }).click();
  await expect(page.getByRole("button", { name: "Turn off" })).toBeVisible();
  await page.getByRole("button", { name: "Turn off" }).click();
  await expect(page.getByRole("button", { name: "Turn on" })).toBeVisible();
  await toast(page, `${key} is off`).getByRole("button", { name: "Undo" }).click();
  await expect(page.getByRole("button", { name: "Turn off" })).toBeVisible();

  // The version before the rule was there.
  await page.getByRole("tab", { name: "History" }).click();
  await expect(page.getByText("“Staff see it first”")).toBeVisible();
  await accessible(page);
  await page.getByRole("button", { name: "Restore this version" }).last().click();
  await dialog.getByRole("button", { name: "Restore this version" }).click();
  await expect(toast(page, /Done, by change/)).toBeVisible();
});

test("the evaluator says who gets what, and why", async ({ page, at, api }) => {
  const key = named("banner");
  await api.createFlag(key);
  await api.instruct("production", key, { kind: "turnFlagOn" });
  await at(`/flags/${key}`);
  await page.getByLabel("Context", { exact: true }).fill('{"kind": "user", "key": "ada"');
  await page.getByRole("button", { name: "Evaluate" }).click();
  await expect(page.getByText(/This is not JSON/)).toBeVisible();
  await page.getByLabel("Context", { exact: true }).fill('{"kind": "user", "key": "ada"}');
  await page.getByRole("button", { name: "Evaluate" }).click();
  await expect(page.getByText("true", { exact: true })).toBeVisible();
  await accessible(page);
});

test("a flag by Unleash's rules is made, let in by a strategy, evaluated, and told of in a sentence per family", async ({
  page,
  at,
}) => {
  const key = named("new-search");
  await at("/flags");
  await page.getByRole("button", { name: "Create a flag" }).first().click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Name", { exact: true }).fill(key);
  await dialog.getByRole("checkbox", { name: /By Unleash’s rules/ }).check();
  await accessible(page);
  await dialog.getByRole("button", { name: "Create" }).click();
  await expect(page.getByRole("heading", { name: key, level: 1 })).toBeVisible();
  await expect(page.getByText("There are none, so everyone gets it while it is on.")).toBeVisible();
  await expect(page.getByText(/LaunchDarkly's server SDKs are not told of this flag/)).toBeVisible();

  // Ada gets it in Norway.
  await page.getByRole("button", { name: "Add a strategy" }).click();
  await page.getByRole("combobox", { name: "Lets in" }).click();
  await page.getByRole("option", { name: "Users by id" }).click();
  await page.getByRole("combobox", { name: "User ids" }).fill("ada");
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "Only under a condition" }).click();
  await page.getByRole("combobox", { name: "Field" }).fill("country");
  await page.keyboard.press("Escape");
  await page.getByRole("combobox", { name: "Values" }).fill("no");
  await page.keyboard.press("Enter");
  await accessible(page);
  await page.getByRole("button", { name: "Done" }).click();
  await expect(page.getByText("1. Let in the users ada where country is “no”")).toBeVisible();
  await page.getByRole("button", { name: "Review and save" }).click();
  await expect(dialog.getByRole("list", { name: "What changes" })).toContainText("ada");
  await dialog.getByRole("button", { name: "Save" }).click();
  await expect(toast(page, `${key} is changed`)).toBeVisible();
  await page.getByRole("button", { name: "Turn on" }).click();
  await expect(page.getByText("On: one strategy says who is let in.")).toBeVisible();

  const evaluated = async (context: object) => {
    await page.getByLabel("Context", { exact: true }).fill(JSON.stringify(context));
    await page.getByRole("button", { name: "Evaluate" }).click();
  };
  await evaluated({ kind: "user", key: "ada", country: "no" });
  await expect(page.getByText(/Strategy 1 lets in .*, and so this context/)).toBeVisible();
  await evaluated({ kind: "user", key: "ada", country: "se" });
  await expect(page.getByText("No strategy lets the context in")).toBeVisible();
  const families = page.getByRole("region", { name: "For which SDKs" });
  await expect(families).toContainText("It is not told of a flag by Unleash's rules");
  await expect(families).toContainText("Unleash’s SDKs on servers");
  await accessible(page);

  await page.getByRole("tab", { name: "Code" }).click();
  await page.getByRole("combobox", { name: "SDK" }).click();
  await page.getByRole("option", { name: "Unleash in Node" }).click();
  await expect(page.getByText(new RegExp(`isEnabled\\("${key}"`))).toBeVisible();
  await at("/flags");
  await expect(page.getByRole("row", { name: new RegExp(key) })).toContainText("On: 1 strategy");
});
