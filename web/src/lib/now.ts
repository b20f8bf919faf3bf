// The present moment for sentences that contain a "3 min ago".
import { useInterval } from "@mantine/hooks";
import { useState } from "react";

const TICK_MS = 10_000;

/** Now, renewed every ten seconds. */
export function useNow(): Date {
  const [now, setNow] = useState(() => new Date());
  useInterval(() => setNow(new Date()), TICK_MS, { autoInvoke: true });
  return now;
}
