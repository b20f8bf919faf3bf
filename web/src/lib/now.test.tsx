import { act, cleanup, renderHook } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";
import { useNow } from "./now";
import { ago } from "./time";

afterEach(() => {
  cleanup();
  vi.useRealTimers();
});

test("what comes between two ticks is not told as yet to come", () => {
  vi.useFakeTimers();
  const { result, rerender } = renderHook(useNow);
  vi.advanceTimersByTime(6_000);
  const resolved = new Date().toISOString();
  rerender();
  expect(ago(resolved, result.current)).toBe("now");
});

test("it goes on by itself", () => {
  vi.useFakeTimers();
  const { result } = renderHook(useNow);
  const before = result.current.getTime();
  act(() => void vi.advanceTimersByTime(10_000));
  expect(result.current.getTime() - before).toBe(10_000);
});
