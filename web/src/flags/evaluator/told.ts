// The steps of an evaluation in words, in the order in which they are taken. Pure.
import type { Schema } from "../../api/schema";
import { label, type Variation } from "../targeting/model";

export type Steps = Schema["Steps"];

/** `decided` marks the step at which the evaluation ended. */
export type TruthWord = "decided" | "holds" | "fails" | "unseen" | "unknown";

export type Part = { words: string; saw?: string; truth: TruthWord };
export type Step = { name: string; truth: TruthWord; parts: Part[] };

/** Everything that was looked at, and what was not because something before it had decided. */
export function told(steps: Steps, variations: Variation[]): Step[] {
  if (!steps.on) {
    const rest = { name: "Prerequisites, targets and rules are not looked at", truth: "unseen", parts: [] };
    return [{ name: "The flag is off", truth: "decided", parts: [] }, rest as Step];
  }
  const before = [...prerequisites(steps), ...targets(steps, variations)];
  const all = [...before, ...rules(steps, before.some(ends))];
  const last: Step = {
    name: `Everyone else gets ${steps.fallthrough}`,
    truth: all.some(ends) ? "unseen" : "decided",
    parts: [],
  };
  return [{ name: "The flag is on", truth: "holds", parts: [] }, ...all, last];
}

/** Whether nothing after this step is looked at. */
function ends({ truth }: Step): boolean {
  return truth === "decided" || truth === "unknown";
}

function prerequisites({ prerequisites: list }: Steps): Step[] {
  if (list.length === 0) return [];
  const at = list.findIndex(({ met }) => met !== true);
  const parts = list.map(({ flag, wanted, served, met }, index): Part => {
    const saw = met == null ? undefined : served == null ? "nothing" : `variation ${served}`;
    const words = `${flag} is on and serves variation ${wanted}`;
    return { words, saw, truth: truthOf(met, at === -1 || index <= at) };
  });
  if (at === -1) return [{ name: "The flags that must come first", truth: "holds", parts }];
  const truth = list[at]?.met === false ? "decided" : "unknown";
  return [{ name: "A flag that must come first does not", truth, parts }];
}

function targets({ targets: list }: Steps, variations: Variation[]): Step[] {
  return list.map(({ contextKind, variation, count, named }) => {
    const who = count === 1 ? `1 ${contextKind}` : `${count.toLocaleString("en")} of kind ${contextKind}`;
    return {
      name: `Targeted by name for “${label(variations, variation)}” (${who})`,
      truth: named == null ? "unseen" : named ? "decided" : "fails",
      parts: [],
    };
  });
}

function rules({ rules: list }: Steps, endedBefore: boolean): Step[] {
  let ended = endedBefore;
  return list.map(({ description, matched, clauses, serves }, at): Step => {
    const looked = !ended;
    ended ||= matched !== false;
    const first = clauses.findIndex(({ holds }) => holds !== true);
    const parts = clauses.map(({ sentence, subject, holds }, index): Part => {
      const saw = sentence.includes(" in the segment ") ? undefined : written(subject);
      return { words: sentence, saw, truth: truthOf(holds, looked && (first === -1 || index <= first)) };
    });
    const name = `Rule ${at + 1}${description ? ` “${description}”` : ""} → ${serves}`;
    return { name, truth: matched ? "decided" : truthOf(matched, looked), parts };
  });
}

/** Without an answer, what was looked at cannot be told, and the rest was not looked at. */
function truthOf(held: boolean | null | undefined, looked: boolean): TruthWord {
  if (held == null) return looked ? "unknown" : "unseen";
  return held ? "holds" : "fails";
}

/** `“gold”`, `20`, `not there`. */
export function written(value: unknown): string {
  if (value === null || value === undefined) return "not there";
  return typeof value === "string" ? `“${value}”` : JSON.stringify(value);
}
