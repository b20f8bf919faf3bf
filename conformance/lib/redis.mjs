// A Redis of the story's own, on a socket in a directory of its own.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const START_MS = 10_000;

export async function startRedis() {
  const directory = mkdtempSync(join(tmpdir(), "steadfast-redis-"));
  const path = join(directory, "redis.sock");
  const args = ["--port", "0", "--unixsocket", path, "--save", "", "--appendonly", "no", "--dir", directory];
  const child = spawn("redis-server", args, { stdio: ["ignore", "pipe", "inherit"] });
  await new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error("Redis did not say that it is ready")), START_MS);
    child.on("error", reject);
    child.stdout.setEncoding("utf8").on("data", (text) => {
      if (!text.includes("eady to accept connections")) return;
      clearTimeout(timer);
      resolve();
    });
  });
  return {
    path,
    url: `redis+unix://${path}`,
    stop: () =>
      new Promise((resolve) => {
        child.once("exit", () => {
          rmSync(directory, { recursive: true, force: true });
          resolve();
        });
        child.kill("SIGTERM");
      }),
  };
}
