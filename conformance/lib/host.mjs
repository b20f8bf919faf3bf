// One SDK host: a child process that speaks JSON lines.
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

const ANSWER_MS = 20_000;

export class Host {
  constructor(command, args) {
    this.child = spawn(command, args, { stdio: ["pipe", "pipe", "inherit"] });
    this.waiting = [];
    this.changes = [];
    createInterface({ input: this.child.stdout }).on("line", (line) => this.#heard(JSON.parse(line)));
  }

  #heard(message) {
    if (message.is === "changed") this.changes.push({ value: message.value, at: performance.now() });
    const index = this.waiting.findIndex((one) => one.wants(message));
    if (index >= 0) this.waiting.splice(index, 1)[0].resolve(message);
  }

  hear(what, wants) {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`no «${what}» within ${ANSWER_MS} ms`)), ANSWER_MS);
      this.waiting.push({ wants, resolve: (message) => (clearTimeout(timer), resolve(message)) });
    });
  }

  ask(message, is) {
    const answer = this.hear(is, (one) => one.is === is);
    this.child.stdin.write(`${JSON.stringify(message)}\n`);
    return answer;
  }

  start = (url, sdkKey, options) => this.ask({ do: "start", url, sdkKey, ...options }, "started");
  evaluate = (flag, context, fallback) => this.ask({ do: "evaluate", flag, context, default: fallback }, "value");
  watch = (flag, context, fallback) => this.ask({ do: "watch", flag, context, default: fallback }, "watching");
  track = (event, context) => this.ask({ do: "track", event, context }, "tracked");
  flush = () => this.ask({ do: "flush" }, "flushed");
  changedTo = (value) => this.hear(`changed to ${value}`, (one) => one.is === "changed" && one.value === value);

  stop() {
    return new Promise((resolve) => {
      this.child.once("exit", resolve);
      this.child.stdin.write('{"do":"stop"}\n');
      setTimeout(() => this.child.kill("SIGKILL"), 5_000).unref();
    });
  }
}
