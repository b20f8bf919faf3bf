// A stretch of shifts as it is drawn, and as an override would change it.
import type { Schema } from "../api/schema";

export type Shift = Schema["ShiftView"];
type Person = Schema["PersonView"];

export type Bar = { shift: Shift; left: number; width: number };

/** Where each shift stands in `[from, to)`, in percent of its length. */
export function bars(shifts: Shift[], from: Date, to: Date): Bar[] {
  return shifts.map((shift) => {
    const left = percent(shift.from, from, to);
    return { shift, left, width: percent(shift.to, from, to) - left };
  });
}

/** Where an instant stands in `[from, to)`, in percent of its length, kept within it. */
export function percent(instant: string | Date, from: Date, to: Date): number {
  const share = (new Date(instant).getTime() - from.getTime()) / (to.getTime() - from.getTime());
  return Math.min(Math.max(share * 100, 0), 100);
}

export type Exception = { person: Person; replaces?: Person; from: Date; to: Date };
export type Difference = { from: string; to: string; before: Person[]; after: Person[] };

/** What an override would change: the stretches in which other people are on call than now. */
export function differences(shifts: Shift[], exception: Exception): Difference[] {
  const [from, to] = [exception.from.toISOString(), exception.to.toISOString()];
  return shifts
    .map((shift) => ({ ...shift, from: later(shift.from, from), to: earlier(shift.to, to) }))
    .filter((shift) => new Date(shift.from) < new Date(shift.to))
    .map(({ from, to, people }) => ({ from, to, before: people, after: replaced(people, exception) }))
    .filter(({ before, after }) => ids(before) !== ids(after));
}

function replaced(people: Person[], { person, replaces }: Exception): Person[] {
  if (!replaces) return [person];
  const others = people.map((one) => (one.id === replaces.id ? person : one));
  return others.filter((one, place) => others.findIndex(({ id }) => id === one.id) === place);
}

function ids(people: Person[]): string {
  return people.map(({ id }) => id).join();
}

function later(a: string, b: string): string {
  return new Date(a) > new Date(b) ? a : b;
}

function earlier(a: string, b: string): string {
  return new Date(a) < new Date(b) ? a : b;
}
