// The real binary on a fresh directory, set up as a person would: the address, a logged-in client, and how to restart it.
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const START_MS = 20_000;

export async function startSteadfast(extraArguments = []) {
  const binary = process.env.STEADFAST_BINARY;
  if (!binary) throw new Error("STEADFAST_BINARY names the binary to test; it is not set");
  const directory = mkdtempSync(join(tmpdir(), "steadfast-conformance-"));
  const start = (listen) => launch(binary, ["serve", "--data-dir", directory, "--listen", listen, ...extraArguments]);
  const run = await start("127.0.0.1:0");
  return { client: await setUp(run), ...life(run, start, directory) };
}

// An edge behind `upstream`, on a fresh directory of its own.
export async function startEdge(upstream, sdkKey) {
  const binary = process.env.STEADFAST_BINARY;
  const directory = mkdtempSync(join(tmpdir(), "steadfast-conformance-edge-"));
  const start = (listen) =>
    launch(binary, ["edge", "--data-dir", directory, "--listen", listen, "--upstream", upstream, "--log", "off"], {
      ...process.env,
      STEADFAST_SDK_KEY: sdkKey,
    });
  const edge = life(await start("127.0.0.1:0"), start, directory);
  return { ...edge, keeps: (key) => keeps(join(directory, "default.snapshot"), edge.url, key) };
}

// Whether an edge has written down what it serves: its file ends with the bytes.
async function keeps(file, url, sdkKey) {
  const response = await fetch(`${url}/sdk/latest-all`, { headers: { authorization: sdkKey } });
  const served = Buffer.from(await response.arrayBuffer());
  return existsSync(file) && readFileSync(file).subarray(-served.length).equals(served);
}

// What may happen to a process that listens on the same address in each of its lives.
function life(first, start, directory) {
  const { url } = first;
  let run = first;
  return {
    url,
    async restart() {
      await end(run.child, "SIGKILL");
      run = await start(new URL(url).host);
    },
    async halt() {
      await end(run.child, "SIGTERM");
    },
    async stop() {
      await end(run.child, "SIGTERM");
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

function launch(binary, args, env = process.env) {
  const child = spawn(binary, args, { stdio: ["ignore", "pipe", "inherit"], env });
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error("the server did not say where it listens")), START_MS);
    child.on("exit", (code) => reject(new Error(`the server ended with ${code}`)));
    let text = "";
    child.stdout.setEncoding("utf8").on("data", (chunk) => {
      text += chunk;
      const url = text.match(/listens on (http:\S+)/)?.[1];
      const setUpToken = text.match(/setup\?token=(\S+)/)?.[1];
      const complete = text.includes("ready\n");
      if (url && complete) {
        clearTimeout(timer);
        resolve({ child, url, setUpToken });
      }
    });
  });
}

function end(child, signal) {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    child.removeAllListeners("exit");
    child.once("exit", resolve);
    child.kill(signal);
  });
}

async function setUp({ url, setUpToken }) {
  const account = { token: setUpToken, name: "Ada", email: "ada@example.com", password: "correct horse battery" };
  const response = await fetch(`${url}/api/setup`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(account),
  });
  if (!response.ok) throw new Error(`set-up was refused: ${response.status} ${await response.text()}`);
  const cookie = response.headers.getSetCookie().map((line) => line.split(";")[0]).join("; ");
  return new Client(url, cookie);
}

class Client {
  constructor(url, cookie) {
    this.url = url;
    this.cookie = cookie;
  }

  async call(method, path, body) {
    const response = await fetch(this.url + path, {
      method,
      headers: { "content-type": "application/json", cookie: this.cookie, origin: this.url },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return text ? JSON.parse(text) : undefined;
  }

  async upload(path, text) {
    const headers = { "content-type": "text/csv", cookie: this.cookie, origin: this.url };
    const response = await fetch(this.url + path, { method: "POST", headers, body: text });
    if (!response.ok) throw new Error(`POST ${path}: ${response.status} ${await response.text()}`);
    return response.json();
  }

  get = (path) => this.call("GET", path);
  post = (path, body) => this.call("POST", path, body);
  patch = (path, body) => this.call("PATCH", path, body);

  async key(environment, kind) {
    const keys = await this.get(`/api/projects/default/environments/${environment}/keys`);
    return (keys.items ?? keys).find((key) => key.kind === kind && !key.revokedAt).value;
  }

  // What a server renders into a page, in the format of server SDKs' allFlagsState.
  async bootstrap(environment, context) {
    const encoded = Buffer.from(JSON.stringify(context)).toString("base64url");
    const authorization = await this.key(environment, "sdk");
    const response = await fetch(`${this.url}/sdk/evalx/contexts/${encoded}`, { headers: { authorization } });
    const states = Object.entries(await response.json());
    const values = Object.fromEntries(states.map(([key, { value }]) => [key, value]));
    const flagsState = Object.fromEntries(states.map(([key, { value, ...state }]) => [key, state]));
    return { ...values, $flagsState: flagsState, $valid: true };
  }

  async createBooleanFlag(key) {
    await this.post("/api/projects/default/flags", {
      key,
      name: key,
      kind: "boolean",
      variations: [
        { name: "on", value: true },
        { name: "off", value: false },
      ],
      clientSideAvailability: { usingEnvironmentId: true, usingMobileKey: true },
    });
  }

  async instruct(environment, flag, ...instructions) {
    return this.patch(`/api/projects/default/environments/${environment}/flags/${flag}`, { instructions });
  }
}
