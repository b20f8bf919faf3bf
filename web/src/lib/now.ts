// The present moment for sentences that contain a "3 min ago".
import { useInterval } from "@mantine/hooks";
import { useReducer } from "react";

const TICK_MS = 10_000;

/** Now: of each render, so that what has just come is not told as yet to come, and at least every ten seconds. */
export function useNow(): Date {
  const [, renew] = useReducer((ticks: number) => ticks + 1, 0);
  useInterval(renew, TICK_MS, { autoInvoke: true });
  return new Date();
}
