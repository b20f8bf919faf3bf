import { expect, test } from "vitest";
import type { UploadView } from "../queries/members";
import { bytesWords, percentDone, words } from "./upload";

const upload = (more: Partial<UploadView>): UploadView => ({
  id: "upl_1",
  generation: 7,
  state: "receiving",
  actor: { kind: "person", id: "per_1", name: "Ada" },
  createdAt: "2026-11-23T08:00:00Z",
  bytes: 0,
  keys: 0,
  staged: 0,
  ...more,
});

test("the bar goes by bytes while the file comes in and by keys while they are written", () => {
  expect(percentDone(upload({ bytes: 25, bytesTotal: 100 }))).toBe(25);
  expect(percentDone(upload({ bytes: 25 }))).toBeNull();
  expect(percentDone(upload({ state: "staging", keys: 200, staged: 50 }))).toBe(25);
  expect(percentDone(upload({ state: "staging" }))).toBe(100);
  expect(percentDone(upload({ state: "live" }))).toBe(100);
});

test("a failure says why and that nothing was changed", () => {
  const failed = upload({ state: "failed", problem: "line 7: the key is empty" });
  expect(words(failed)).toBe("Not taken, and nothing was changed: line 7: the key is empty.");
});

test("a size is written in the unit that fits", () => {
  expect([0, 999, 1_000, 170_000_000, 2e12].map(bytesWords)).toEqual([
    "0 bytes",
    "999 bytes",
    "1 kB",
    "170 MB",
    "2,000 GB",
  ]);
});
