// One event stream for all tabs: the tab that holds the lock listens to the server and tells the others.
import type { QueryClient } from "@tanstack/react-query";

export type Position = Record<string, number>;
export type Link = "connecting" | "live" | "lost";
type Message = { position?: Position; link?: Link; asks?: true };

const CHANNEL = "steadfast-live";
const COALESCE_MS = 150;
/** An event source gives up on an answer that is not 200, such as a 503; so it is opened again. */
const REOPEN_MS = 2_000;

/** Keeps queries fresh: a query whose key starts with a topic is refetched when that topic's position moves. */
export function follow(client: QueryClient, onLink: (link: Link) => void): () => void {
  const channel = new BroadcastChannel(CHANNEL);
  const abort = new AbortController();
  const moved = invalidator((topic) => void client.invalidateQueries({ queryKey: [topic] }));
  const known: Message = {};
  const hear = ({ position, link }: Message) => {
    if (position) moved(position);
    if (link) onLink(link);
  };
  const tell = (message: Message) => {
    Object.assign(known, message);
    hear(message);
    channel.postMessage(message);
  };
  channel.onmessage = ({ data }: MessageEvent<Message>) => {
    // A tab that has just opened asks; only the one that listens knows.
    if (data.asks && known.link) channel.postMessage(known);
    hear(data);
  };
  channel.postMessage({ asks: true } satisfies Message);
  lead(tell, abort.signal);
  return () => {
    abort.abort();
    channel.close();
  };
}

/** Waits for the lock, then listens until the tab closes; the next tab in line takes over. */
function lead(tell: (message: Message) => void, signal: AbortSignal) {
  const hold = () =>
    new Promise<void>((resolve) => {
      const close = listen(tell);
      signal.addEventListener("abort", () => {
        close();
        resolve();
      });
    });
  // Without locks (plain http on another host) each tab listens for itself.
  if (!navigator.locks) void hold();
  else navigator.locks.request(CHANNEL, { signal }, hold).catch(() => undefined);
}

function listen(tell: (message: Message) => void): () => void {
  let source: EventSource;
  let waiting: ReturnType<typeof setTimeout> | undefined;
  const open = () => {
    source = new EventSource("/api/events");
    source.addEventListener("position", (event) => {
      tell({ position: JSON.parse((event as MessageEvent<string>).data) as Position, link: "live" });
    });
    source.onopen = () => tell({ link: "live" });
    source.onerror = () => {
      tell({ link: "lost" });
      if (source.readyState === EventSource.CLOSED) waiting = setTimeout(open, REOPEN_MS);
    };
  };
  open();
  return () => {
    clearTimeout(waiting);
    source.close();
  };
}

/**
 * Calls `refetch` once for each topic that has moved, after a moment in which others may move too. A topic that is told for the
 * first time counts as moved: it may have, after the page had fetched and before it was told.
 */
export function invalidator(refetch: (topic: string) => void): (position: Position) => void {
  let last: Position = {};
  const waiting = new Set<string>();
  const flush = () => {
    for (const topic of waiting) refetch(topic);
    waiting.clear();
  };
  return (position) => {
    for (const [topic, at] of Object.entries(position)) {
      if (last[topic] === at) continue;
      if (waiting.size === 0) setTimeout(flush, COALESCE_MS);
      waiting.add(topic);
    }
    last = { ...last, ...position };
  };
}
