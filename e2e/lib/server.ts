// The real binary on a fresh directory, with a mailbox of its own.
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Mailbox } from "./mailbox";

const START_MS = 20_000;

export type Server = { url: string; setUpLink: string; mailbox: Mailbox; stop: () => Promise<void> };

export async function startServer(): Promise<Server> {
  const binary = process.env.STEADFAST_BINARY;
  if (!binary) throw new Error("STEADFAST_BINARY names the binary to test; it is not set");
  const directory = mkdtempSync(join(tmpdir(), "steadfast-e2e-"));
  const mailbox = await Mailbox.open();
  const args = ["serve", "--data-dir", directory, "--listen", "127.0.0.1:0"];
  const mail = ["--smtp", `smtp://127.0.0.1:${mailbox.port}`, "--log", "warn"];
  const child = spawn(binary, [...args, ...mail], { stdio: ["ignore", "pipe", "inherit"] });
  const { url, setUpLink } = await announced(child);
  return {
    url,
    setUpLink,
    mailbox,
    async stop() {
      await ended(child);
      mailbox.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** What the binary says when it is ready. */
function announced(child: ChildProcess): Promise<{ url: string; setUpLink: string }> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error("the server did not say that it is ready")), START_MS);
    child.once("exit", (code) => reject(new Error(`the server ended with ${code}`)));
    let text = "";
    child.stdout?.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk;
      if (!text.includes("ready\n")) return;
      clearTimeout(timer);
      const url = text.match(/listens on (http:\S+)/)?.[1];
      const setUpLink = text.match(/(http\S+setup\?token=\S+)/)?.[1];
      if (url && setUpLink) resolve({ url, setUpLink });
      else reject(new Error(`the server announced itself in other words: ${text}`));
    });
  });
}

function ended(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    child.removeAllListeners("exit");
    child.once("exit", () => resolve());
    child.kill("SIGTERM");
  });
}
