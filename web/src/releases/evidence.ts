// What a guard has seen, summed up for the charts. Pure.
import type { Schema } from "../api/schema";

type Reading = Schema["GuardEvidence"];
type Tolerance = Schema["Tolerance"];

export type Point = {
  at: number;
  evidence: number;
  control: number | null;
  treatment: number | null;
  limit: number | null;
};

/** Evidence below this is drawn at this: the axis is logarithmic and has no zero. */
export const FLOOR = 0.1;

/** The course of a guard: its evidence, and the share of bad units of each arm so far beside what is tolerated, in percent. */
export function course({ series }: Reading, { ratio, absolute }: Tolerance): Point[] {
  const [control, treatment] = [sum(), sum()];
  return series.map((window) => {
    const was = control(window.control);
    const is = treatment(window.treatment);
    return {
      at: new Date(window.start).getTime(),
      evidence: Math.max(window.evidence, FLOOR),
      control: was,
      treatment: is,
      limit: was === null ? null : Math.min(was * ratio + absolute * 100, 100),
    };
  });
}

/** The share of bad units so far, in percent; `null` before the first unit. */
function sum(): (counts: Schema["Counts"]) => number | null {
  let [n, k] = [0, 0];
  return (counts) => {
    n += counts.n;
    k += counts.k;
    return n === 0 ? null : (k / n) * 100;
  };
}

/** All units of an arm. */
export function total({ series }: Reading, arm: "control" | "treatment"): Schema["Counts"] {
  return series.reduce((all, { [arm]: { n, k } }) => ({ n: all.n + n, k: all.k + k }), { n: 0, k: 0 });
}

/** `7 of 12 (58 %)`, `none yet`. */
export function counted({ n, k }: Schema["Counts"]): string {
  return n === 0 ? "none yet" : `${grouped(k)} of ${grouped(n)} (${percent((k / n) * 100)})`;
}

/** `0.43 %`, `58 %`. */
export function percent(value: number): string {
  return `${value.toLocaleString("en", { maximumSignificantDigits: 2 })} %`;
}

/** `0.8`, `312`, `over 1,000,000`. */
export function magnitude(value: number): string {
  if (value >= 1_000_000) return "over 1,000,000";
  return value.toLocaleString(
    "en",
    value >= 10 ? { maximumFractionDigits: 0 } : { maximumSignificantDigits: 2 },
  );
}

/** The ticks of a logarithmic axis from the floor to beyond `top`. */
export function decades(top: number): number[] {
  const last = Math.ceil(Math.log10(Math.max(top, 10)));
  return Array.from({ length: last + 2 }, (_, power) => 10 ** (power - 1));
}

function grouped(value: number): string {
  return value.toLocaleString("en");
}
