// Events as they arrive at this node: a stream that is open only while somebody watches.
import { useEffect, useRef, useState } from "react";
import type { Schema } from "../../api/schema";
import type { Place } from "../../app/place";

export type LiveEvent = Schema["LiveEvent"];
type LiveEvents = Schema["LiveEvents"];
export type Filter = { kind: string; key: string; context: string };
/** `refused` when the server says no; else the browser tries again by itself. */
export type Link = "connecting" | "live" | "lost" | "refused";
export type Numbered = LiveEvent & { id: number };

/** So many are kept in the page. */
const KEPT = 500;

export type Watched = {
  /** Newest first. */
  events: Numbered[];
  /** How many more came and were not shown. */
  notShown: number;
  link: Link;
  clear: () => void;
  /** Opens the stream again after a refusal. */
  retry: () => void;
};

/** Watches the environment's events while not paused; a pause closes the stream and keeps what is there. */
export function useLiveEvents({ project, environment }: Place, filter: Filter, paused: boolean): Watched {
  const [events, setEvents] = useState<Numbered[]>([]);
  const [notShown, setNotShown] = useState(0);
  /** Of which stream it is known: another one is not open yet. */
  const [known, setKnown] = useState<{ path: string; link: Link }>();
  const [attempt, setAttempt] = useState(0);
  const last = useRef(0);
  const query = new URLSearchParams(Object.entries(filter).filter(([, value]) => value));
  const path = `/api/projects/${project}/environments/${environment}/live-events?${query}`;
  // biome-ignore lint/correctness/useExhaustiveDependencies: another attempt opens the same stream again
  useEffect(() => {
    if (paused) return;
    const setLink = (link: Link) => setKnown({ path, link });
    setKnown(undefined);
    const source = new EventSource(path);
    source.addEventListener("events", (message) => {
      const told = JSON.parse((message as MessageEvent<string>).data) as LiveEvents;
      const fresh = told.items.map((event) => ({ ...event, id: ++last.current })).reverse();
      setEvents((before) => [...fresh, ...before].slice(0, KEPT));
      setNotShown((before) => before + told.notShown);
      setLink("live");
    });
    source.onerror = () => setLink(source.readyState === EventSource.CLOSED ? "refused" : "lost");
    return () => source.close();
  }, [path, paused, attempt]);
  const clear = () => {
    setEvents([]);
    setNotShown(0);
  };
  const link = known?.path === path ? known.link : "connecting";
  return { events, notShown, link, clear, retry: () => setAttempt(attempt + 1) };
}
