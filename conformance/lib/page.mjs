// A page in Chromium that hosts an SDK, behind JSON lines (../README.md). It is of another origin than Steadfast, as it is where
// people use it: so the browser asks first.
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { createInterface } from "node:readline";
import { chromium } from "playwright-core";

const read = (path) => readFileSync(new URL(`../${path}`, import.meta.url));

// `scripts` are files of this folder, or their content, by the address at which the page finds them, `/page.mjs` its own;
// `imports` are the addresses of modules by their name.
export async function hostInPage(scripts, imports = {}) {
  const map = `<script type="importmap">${JSON.stringify({ imports })}</script>`;
  const files = { "/": { type: "text/html", body: `<!doctype html><title>A shop</title>${map}` } };
  for (const [address, script] of Object.entries(scripts))
    files[address] = { type: "text/javascript", body: typeof script === "string" ? read(script) : script };
  const shop = createServer((request, response) => {
    const { type, body } = files[request.url] ?? { type: "text/plain", body: "" };
    response.writeHead(body ? 200 : 404, { "content-type": type }).end(body);
  });
  await new Promise((resolve) => shop.listen(0, "127.0.0.1", resolve));

  const browser = await chromium.launch({
    executablePath: process.env.STEADFAST_CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--no-first-run"],
  });
  const page = await browser.newPage();
  const say = (message) => process.stdout.write(`${JSON.stringify(message)}\n`);
  await page.exposeFunction("say", say);
  await page.goto(`http://127.0.0.1:${shop.address().port}/`);
  await page.evaluate(async () => {
    window.host = (await import("/page.mjs")).host;
  });

  for await (const line of createInterface({ input: process.stdin })) {
    const message = JSON.parse(line);
    if (message.do === "stop") break;
    const failure = await page.evaluate((asked) => window.host[asked.do](asked).catch(String), message).catch(String);
    if (failure) say({ is: "failed", why: failure });
  }
  await browser.close();
  process.exit(0);
}
