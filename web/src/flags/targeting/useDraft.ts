// An edit that is not saved yet: on what it was begun, what it is now, and the instructions between.
import { useMemo, useState } from "react";
import { instructionsBetween } from "./instructions";
import type { Configuration, Instruction } from "./model";

type Held = { base: Configuration; version: number; now: Configuration };

export type Draft = {
  /** As edited; as it stands when nothing is. */
  configuration: Configuration;
  instructions: Instruction[];
  /** The version that the edit was begun on. */
  version: number;
  /** Somebody has changed the flag since the edit was begun. */
  overtaken: boolean;
  edit: (change: Partial<Configuration>) => void;
  discard: () => void;
};

export function useDraft(stored: Configuration, version: number): Draft {
  const [held, setHeld] = useState<Held | null>(null);
  const instructions = useMemo(() => (held ? instructionsBetween(held.base, held.now) : []), [held]);
  return {
    configuration: held?.now ?? stored,
    instructions,
    version: held?.version ?? version,
    overtaken: instructions.length > 0 && held?.version !== version,
    edit: (change) =>
      setHeld((before) => {
        // An edit that came back to where it began is begun anew, on what stands now.
        const begun =
          before && instructions.length > 0 ? before : { base: stored, version, now: before?.now ?? stored };
        return { ...begun, now: { ...begun.now, ...change } };
      }),
    discard: () => setHeld(null),
  };
}
