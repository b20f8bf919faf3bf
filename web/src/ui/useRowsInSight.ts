// Which rows of a long list are in sight, and how much space the others take.
import { useWindowVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useRef } from "react";

type Options = { count: number; height: number; onEnd: () => void };

/** Rows beyond the edge that are drawn all the same: j and k walk into them. */
const MARGIN = 16;

export function useRowsInSight({ count, height, onEnd }: Options) {
  const list = useRef<HTMLDivElement>(null);
  const virtualizer = useWindowVirtualizer({
    count,
    estimateSize: () => height,
    overscan: MARGIN,
    scrollMargin: list.current?.offsetTop ?? 0,
  });
  const rows = virtualizer.getVirtualItems();
  const [first, last] = [rows.at(0), rows.at(-1)];
  const atEnd = last !== undefined && last.index >= count - 1;
  useEffect(() => {
    if (atEnd) onEnd();
  }, [atEnd, onEnd]);
  const margin = virtualizer.options.scrollMargin;
  return {
    list,
    rows: rows.map(({ index }) => index),
    /** For the `measure` of a row. */
    measure: virtualizer.measureElement,
    above: first ? first.start - margin : 0,
    below: last ? virtualizer.getTotalSize() - (last.end - margin) : 0,
  };
}
