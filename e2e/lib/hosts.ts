// The real SDKs of `conformance/hosts`, each behind JSON lines.
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Host as Untyped } from "../../conformance/lib/host.mjs";

type Context = { kind: string; key: string };

export type Host = {
  changes: { value: unknown; at: number }[];
  start(url: string, sdkKey: string): Promise<{ ok: boolean }>;
  evaluate(flag: string, context: Context, fallback: unknown): Promise<{ value: unknown }>;
  watch(flag: string, context: Context, fallback: unknown): Promise<unknown>;
  track(event: string, context: Context): Promise<unknown>;
  changedTo(value: unknown): Promise<unknown>;
  flush(): Promise<unknown>;
  stop(): Promise<unknown>;
};

const here = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));

// Where `cargo xtask test` puts the packages and the program, if no variable says otherwise.
const venv = here("target/python-venv/bin/python");
const python = existsSync(venv) ? venv : "python3";

const COMMANDS = {
  Node: ["node", here("conformance/hosts/node.mjs")],
  Python: [process.env.STEADFAST_PYTHON ?? python, here("conformance/hosts/python.py")],
  Rust: [process.env.STEADFAST_RUST_HOST ?? here("target/debug/conformance-rust")],
};

export type Sdk = keyof typeof COMMANDS;
export const SDKS = Object.keys(COMMANDS) as Sdk[];

/** An SDK that follows this server, once it says that it is initialised. */
export async function startHost(sdk: Sdk, url: string, sdkKey: string): Promise<Host> {
  const [command, ...args] = COMMANDS[sdk];
  const host: Host = new Untyped(command, args);
  const { ok } = await host.start(url, sdkKey);
  if (!ok) throw new Error(`the ${sdk} SDK did not initialise`);
  return host;
}
