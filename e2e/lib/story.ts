// A story: a logged-in browser, the API behind it, and an axe check of what it shows.
import AxeBuilder from "@axe-core/playwright";
import { test as base, expect, type Page } from "@playwright/test";
import { Api } from "./api";
import { type Server, startServer } from "./server";

type Shared = { server: Server; api: Api };

export const PLACE = "/default/production";

export const test = base.extend<{ at: (path: string) => Promise<void> }, Shared>({
  server: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the parameters to know what a fixture needs
    async ({}, use) => {
      const server = await startServer();
      await use(server);
      await server.stop();
    },
    { scope: "worker" },
  ],
  api: [async ({ server }, use) => use(await Api.setUp(server.url, server.setUpLink)), { scope: "worker" }],
  baseURL: async ({ server }, use) => use(server.url),
  context: async ({ context, server, api }, use) => {
    await context.addCookies([{ ...api.cookie, url: server.url }]);
    await use(context);
  },
  /** Goes to a page of the production environment. */
  at: async ({ page }, use) => use(async (path) => void (await page.goto(PLACE + path))),
});

export { expect };

const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];

/** Nothing on the page breaks the WCAG rules that a program can check. */
export async function accessible(page: Page) {
  await still(page);
  const { violations } = await new AxeBuilder({ page }).withTags(RULES).analyze();
  const told = violations.map(({ id, help, nodes }) => ({ id, help, where: nodes.map(({ html }) => html) }));
  expect(told).toEqual([]);
}

/**
 * Waits until nothing has moved for 150 ms: a dialog on its way out has colours and places that nobody reads, and
 * there are frames between its "close" and the first step of its fading. What spins for ever is let spin.
 */
async function still(page: Page) {
  await page.evaluate(async () => {
    const moves = (animation: Animation) =>
      animation.playState === "running" && animation.effect?.getComputedTiming().endTime !== Infinity;
    const frame = () => new Promise<number>((drawn) => requestAnimationFrame(drawn));
    let since = await frame();
    for (let now = since; now - since < 150; now = await frame()) {
      if (document.getAnimations().some(moves)) since = now;
    }
  });
}

/** The note that says what has just happened. */
export function toast(page: Page, text: string | RegExp) {
  return page.getByRole("alert").filter({ hasText: text });
}

/** A name that no other story uses. */
let last = 0;
export function named(word: string): string {
  last += 1;
  return `${word}-${last}`;
}
