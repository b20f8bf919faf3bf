// What a snippet is made of.
import type { Schema } from "../../../api/schema";
import type { Kind } from "../../variations";

/** Where, by which key, which flag, and what is served when nothing is known. */
export type Facts = { base: string; key: string; flag: string; kind: Kind; fallback: unknown };

export type Snippet = {
  id: string;
  name: string;
  /** What gets the package; empty where none is needed. */
  install: string;
  /** By which sort of key it comes. */
  key: Schema["KeyKind"];
  family: Schema["SdkFamily"];
  /** As what it makes itself known; absent where that may be anything. */
  seenAs?: string[];
  text: (facts: Facts) => string;
};

/** A value as most languages write it. */
export function literal(value: unknown): string {
  return JSON.stringify(value);
}

/** A text in double quotes. */
export function quoted(value: unknown): string {
  return JSON.stringify(typeof value === "string" ? value : JSON.stringify(value));
}
