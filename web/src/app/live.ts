// One event stream for all tabs: the tab that holds the lock listens to the server and tells the others.
import type { QueryClient } from "@tanstack/react-query";

export type Position = Record<string, number>;
export type Link = "connecting" | "live" | "lost";
type Message = { position?: Position; link?: Link };

const CHANNEL = "steadfast-live";
const COALESCE_MS = 150;

/** Keeps queries fresh: a query whose key starts with a topic is refetched when that topic's position moves. */
export function follow(client: QueryClient, onLink: (link: Link) => void): () => void {
  const channel = new BroadcastChannel(CHANNEL);
  const abort = new AbortController();
  const moved = invalidator(client);
  const hear = ({ position, link }: Message) => {
    if (position) moved(position);
    if (link) onLink(link);
  };
  channel.onmessage = (event: MessageEvent<Message>) => hear(event.data);
  const tell = (message: Message) => {
    hear(message);
    channel.postMessage(message);
  };
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
      const source = new EventSource("/api/events");
      source.addEventListener("position", (event) => {
        tell({ position: JSON.parse((event as MessageEvent<string>).data) as Position, link: "live" });
      });
      source.onopen = () => tell({ link: "live" });
      source.onerror = () => tell({ link: "lost" });
      signal.addEventListener("abort", () => {
        source.close();
        resolve();
      });
    });
  // Without locks (plain http on another host) each tab listens for itself.
  if (!navigator.locks) void hold();
  else navigator.locks.request(CHANNEL, { signal }, hold).catch(() => undefined);
}

function invalidator(client: QueryClient): (position: Position) => void {
  let last: Position = {};
  const waiting = new Set<string>();
  return (position) => {
    for (const [topic, at] of Object.entries(position)) {
      if (last[topic] !== undefined && last[topic] !== at) {
        if (waiting.size === 0) setTimeout(flush, COALESCE_MS);
        waiting.add(topic);
      }
    }
    last = { ...last, ...position };
  };

  function flush() {
    for (const topic of waiting) void client.invalidateQueries({ queryKey: [topic] });
    waiting.clear();
  }
}
