// A report as rows: what needs a look first. Pure.
import type { Report, ReportItem } from "../queries/imports";

export type Row = ReportItem & { sort: "flag" | "segment" };

const FIRST = ["refused", "changed", "created", "unchanged"];

/** Every flag and segment, what is refused first and what stays as it is last. */
export function rows({ flags, segments }: Report): Row[] {
  const of = (sort: Row["sort"], items: ReportItem[]) => items.map((item) => ({ ...item, sort }));
  return [...of("segment", segments), ...of("flag", flags)].sort(
    (a, b) => FIRST.indexOf(a.outcome) - FIRST.indexOf(b.outcome),
  );
}

/** How many an import would write. */
export function toWrite({ counts }: Report): number {
  return counts.created + counts.changed;
}

/** What is said about one of them. */
export function words({ why, notes }: ReportItem): string {
  return [why, ...notes].filter(Boolean).join("; ");
}
