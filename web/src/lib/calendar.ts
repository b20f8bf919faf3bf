// Days and weeks on the wall clock of whoever looks. Pure: instants are arguments.

const DAY_AND_TIME: Intl.DateTimeFormatOptions = {
  weekday: "short",
  day: "numeric",
  month: "short",
  hour: "2-digit",
  minute: "2-digit",
  hour12: false,
};

/** `Mon 23 Nov, 09:00`. */
export function dayAndTime(instant: string | Date): string {
  return new Date(instant).toLocaleString("en-GB", DAY_AND_TIME);
}

/** `Mon 23`. */
export function day(instant: Date): string {
  return instant.toLocaleDateString("en-GB", { weekday: "short", day: "numeric" });
}

/** `23 Nov 2026`. */
export function date(instant: Date): string {
  return instant.toLocaleDateString("en-GB", { day: "numeric", month: "short", year: "numeric" });
}

/** The zone in which all of these are told, such as `Europe/Berlin`. */
export function zone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}

/** The Monday of that instant's week, at midnight. */
export function startOfWeek(instant: Date): Date {
  const monday = new Date(instant);
  monday.setHours(0, 0, 0, 0);
  monday.setDate(monday.getDate() - ((monday.getDay() + 6) % 7));
  return monday;
}

/** The same time of day, so many days later; a day may have 23 or 25 hours. */
export function addDays(instant: Date, days: number): Date {
  const moved = new Date(instant);
  moved.setDate(moved.getDate() + days);
  return moved;
}

/** As an input of type `datetime-local` holds it: `2026-11-23T09:00`. */
export function toInput(instant: Date): string {
  const two = (number: number) => String(number).padStart(2, "0");
  const date = [instant.getFullYear(), two(instant.getMonth() + 1), two(instant.getDate())].join("-");
  return `${date}T${two(instant.getHours())}:${two(instant.getMinutes())}`;
}

/** The instant that such an input holds; `undefined` while it is not complete. */
export function fromInput(text: string): Date | undefined {
  const instant = new Date(text);
  return text === "" || Number.isNaN(instant.getTime()) ? undefined : instant;
}
