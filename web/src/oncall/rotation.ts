// Rotations in words, and as the simple form edits them.
import type { Schema } from "../api/schema";

type Rotation = Schema["Rotation"];
type Layer = Schema["Layer"];

/** Who takes turns, how long, and when they hand over. */
export function turns(rotation: Rotation, known: { id: string; name: string }[]): string {
  const { participants, anchor, zone, turn } = rotation;
  const people = participants.map((id) => known.find((one) => one.id === id)?.name ?? id).join(", then ");
  const handoff = new Date(`${anchor.slice(0, 16)}Z`);
  const time = anchor.slice(11, 16);
  const day = handoff.toLocaleDateString("en", { weekday: "long", timeZone: "UTC" });
  const when =
    turn.unit === "weeks" ? `${day} at ${time}` : turn.unit === "days" ? `at ${time}` : `from ${time}`;
  return `${people}; a turn is ${length(turn)}, handed over ${when}, ${zone}.`;
}

function length({ every, unit }: Rotation["turn"]): string {
  const one = unit.slice(0, -1);
  return every === 1 ? `a ${one}`.replace("a hour", "an hour") : `${every} ${unit}`;
}

/** At which hours a layer counts; empty when always. */
export function hours(restrictions: Layer["restrictions"]): string {
  const each = (restrictions ?? []).map(({ days, from, to }) => {
    const open = days.length === 7 ? "every day" : days.map((day) => day.slice(0, 3)).join(", ");
    return `${open} ${from.slice(0, 5)}–${to.slice(0, 5)}`;
  });
  return each.length === 0 ? "" : `Counts ${each.join("; ")}.`;
}

/** A first layer: a week each, handed over on the Monday of `now`, at nine. */
export function firstLayer(now: Date, zone: string): Layer {
  const monday = new Date(now);
  monday.setDate(monday.getDate() - ((monday.getDay() + 6) % 7));
  const two = (number: number) => String(number).padStart(2, "0");
  const date = [monday.getFullYear(), two(monday.getMonth() + 1), two(monday.getDate())].join("-");
  return {
    name: "Weekly",
    priority: 0,
    rotation: {
      participants: [],
      anchor: `${date}T09:00:00`,
      zone,
      turn: { every: 1, unit: "weeks" },
      first: 0,
    },
    restrictions: [],
  };
}
