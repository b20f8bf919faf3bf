// An edit that is not saved yet: on what it was begun, what it is now, and the instructions between.
import { useMemo, useState } from "react";
import type { Instruction } from "./targeting/model";

type Held<T> = { base: T; version: number; now: T };

export type Draft<T> = {
  /** As edited; as it stands when nothing is. */
  now: T;
  instructions: Instruction[];
  /** The version that the edit was begun on. */
  version: number;
  /** Somebody has changed the thing since the edit was begun. */
  overtaken: boolean;
  edit: (change: Partial<T>) => void;
  discard: () => void;
};

/** `between` says what leads from one to another; it must be the same function each time. */
export function useDraft<T>(
  stored: T,
  version: number,
  between: (from: T, to: T) => Instruction[],
): Draft<T> {
  const [held, setHeld] = useState<Held<T> | null>(null);
  const instructions = useMemo(() => (held ? between(held.base, held.now) : []), [held, between]);
  // An edit that came back to where it began does not keep what others have changed meanwhile from being seen.
  const draft = held && (instructions.length > 0 || held.version === version) ? held : null;
  return {
    now: draft?.now ?? stored,
    instructions,
    version: draft?.version ?? version,
    overtaken: draft !== null && draft.version !== version,
    edit: (change) => {
      const begun = draft ?? { base: stored, version, now: stored };
      setHeld((before) => ({ ...begun, now: { ...(before && draft ? before.now : begun.now), ...change } }));
    },
    discard: () => setHeld(null),
  };
}
