import { expect, test } from "vitest";
import type { LiveEvent } from "../queries/live";
import { detailWords, outcomeWords } from "./events";

const ada = { kind: "user", key: "ada", attributes: { plan: "gold" }, redacted: ["email"] };
const event: LiveEvent = { at: "2026-11-23T10:00:00Z", kind: "custom", sdk: "", contexts: [ada] };

test("an event says what came out, or how much", () => {
  expect(outcomeWords({ ...event, kind: "evaluation", value: true, variation: 0 })).toBe(
    "→ true (variation 0)",
  );
  expect(outcomeWords({ ...event, kind: "evaluation", value: null })).toBe(
    "→ null (the default in the code)",
  );
  expect(outcomeWords({ ...event, kind: "summary", value: "a", variation: 1, count: 1200 })).toBe(
    '1,200 × "a" (variation 1)',
  );
  expect(outcomeWords({ ...event, metricValue: 12.5 })).toBe("12.5");
  expect(outcomeWords(event)).toBe("");
});

test("what is private is named and never more", () => {
  expect(detailWords(event)).toBe('plan: "gold" · private: email');
  expect(detailWords({ ...event, contexts: [], reason: { kind: "OFF" } as never })).toBe("OFF");
});
