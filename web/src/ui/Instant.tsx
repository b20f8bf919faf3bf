// "3 min ago", with the exact instant on hover and for screen readers.
import { Tooltip } from "@mantine/core";
import { useNow } from "../lib/now";
import { ago, exact } from "../lib/time";

export function Instant({ at }: { at: string }) {
  const now = useNow();
  return (
    <Tooltip label={exact(at)} openDelay={200}>
      <time dateTime={at}>{ago(at, now)}</time>
    </Tooltip>
  );
}
