import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { invalidator } from "./live";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("a topic is refetched when its position moves, once for many moves", () => {
  const refetched: string[] = [];
  const moved = invalidator((topic) => refetched.push(topic));
  moved({ change: 1, release: 1 });
  vi.runAllTimers();
  refetched.length = 0;
  moved({ change: 2, release: 1 });
  moved({ change: 3 });
  expect(refetched).toEqual([]);
  vi.runAllTimers();
  expect(refetched).toEqual(["change"]);
});

test("the first position refetches what may have moved before it was told, and one that stands still nothing", () => {
  const refetch = vi.fn();
  const moved = invalidator(refetch);
  moved({ change: 7 });
  vi.runAllTimers();
  expect(refetch).toHaveBeenCalledExactlyOnceWith("change");
  moved({ change: 7 });
  vi.runAllTimers();
  expect(refetch).toHaveBeenCalledTimes(1);
});
