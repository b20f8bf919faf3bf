// What the server refuses of an edit, for the field that it names.
import { useQuery } from "@tanstack/react-query";
import { createContext, useContext } from "react";
import { Problem } from "../../api/problem";
import { problemAt } from "../../ui/problem";
import { preview } from "../queries/flags";
import type { Draft } from "../useDraft";
import type { FlagHere } from "../useFlag";
import type { Configuration } from "./model";

/** Why the edit as it stands was refused, if it was. */
export const Refused = createContext<unknown>(null);

/** What its preview was answered; nothing once the edit is another. */
export function useRefusal(here: FlagHere, { instructions, version }: Draft<Configuration>): unknown {
  // The review asks; here its answer is only looked at.
  return useQuery({ ...preview(here.place, here.key, { instructions, version }), enabled: false }).error;
}

/** What is refused about the part at `pointer`, or about anything inside it. */
export function useRefusedAt(pointer: string): string | undefined {
  return problemAt(useContext(Refused), pointer);
}

/** What is refused about exactly the part at `pointer`: nothing inside it says it. */
export function useRefusedWhole(pointer: string): string | undefined {
  const error = useContext(Refused);
  return error instanceof Problem && error.field === pointer ? error.message : undefined;
}
