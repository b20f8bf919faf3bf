// "3 min ago", with the exact instant on hover and for screen readers.
import { Tooltip } from "@mantine/core";
import { useInterval } from "@mantine/hooks";
import { useState } from "react";
import { ago, exact } from "../lib/time";

const TICK_MS = 10_000;

export function Instant({ at }: { at: string }) {
  const [now, setNow] = useState(() => new Date());
  useInterval(() => setNow(new Date()), TICK_MS, { autoInvoke: true });
  return (
    <Tooltip label={exact(at)} openDelay={200}>
      <time dateTime={at}>{ago(at, now)}</time>
    </Tooltip>
  );
}
