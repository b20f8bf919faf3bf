// What an edit came to, said in a word, with its way back.
import type { Schema } from "../api/schema";
import { done } from "../ui/toast";
import { useUndo } from "./queries/changes";

/** Says `what` was done, by which change, and offers its undo; or that there was nothing to do. */
export function useTold() {
  const undo = useUndo();
  return (edited: Schema["Edited"], what: string) => {
    if (!("seq" in edited)) return done({ message: "It was so already: nothing is changed." });
    const { seq } = edited;
    done({ message: `${what}, by change ${seq}.`, undo: () => undo.mutate(seq) });
  };
}
