import { expect, test } from "vitest";
import type { Schema } from "../api/schema";
import { headline, quietSince } from "./words";

const free = { times: { detected: "2026-11-23T10:00:00Z" } } as Schema["IncidentView"];
const owned = { ...free, acknowledgement: {} } as Schema["IncidentView"];
const walking = { state: "walking" } as Schema["Release"];
const held = { state: "held" } as Schema["Release"];

test("the headline counts what is open and says what nobody has in hand", () => {
  expect(headline([], [])).toBe("Nothing risky is going on.");
  expect(headline([free], [])).toBe("1 incident open, in nobody's hands.");
  expect(headline([free, owned], [walking, held])).toBe(
    "2 incidents open, 1 in nobody's hands; 2 releases under way, 1 held.",
  );
  expect(headline([owned], [walking])).toBe("1 incident open; 1 release under way.");
});

test("it is quiet since the last of all ends", () => {
  const resolved = { ...free, times: { ...free.times, resolved: "2026-11-23T11:00:00Z" } };
  const ended = { ...walking, endedAt: "2026-11-23T11:30:00Z" };
  expect(quietSince(resolved, ended)).toBe("2026-11-23T11:30:00Z");
  expect(quietSince(resolved, walking)).toBe("2026-11-23T11:00:00Z");
  expect(quietSince(null, null)).toBeUndefined();
});
