// Where in a picture over time the flag was changed. Pure.
import { type Bin, binOf } from "../../lib/bins";
import type { Mark } from "../../ui/CountChart";

type Change = { seq: number; at: string };

/** One mark for each bin in which something was changed: its number, or how many they were. */
export function marksOf(bins: Bin[], changes: Change[]): Mark[] {
  const byBin = new Map<number, Change[]>();
  for (const change of changes) {
    const bin = binOf(bins, change.at);
    if (bin !== undefined) byBin.set(bin, [...(byBin.get(bin) ?? []), change]);
  }
  return [...byBin].map(([at, list]) => ({
    at,
    label: list.length === 1 ? `${list[0]?.seq}` : `${list.length} changes`,
  }));
}
