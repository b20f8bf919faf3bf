import { act, renderHook } from "@testing-library/react";
import { expect, test } from "vitest";
import { instructionsBetween } from "./targeting/instructions";
import { whole } from "./targeting/model";
import { useDraft } from "./useDraft";

const off = whole({ on: false, fallthrough: { variation: 0 }, offVariation: 1 });

function start() {
  return renderHook(({ stored, version }) => useDraft(stored, version, instructionsBetween), {
    initialProps: { stored: off, version: 1 },
  });
}

test("an edit is told as instructions and can be discarded", () => {
  const { result } = start();
  act(() => result.current.edit({ on: true }));
  expect(result.current.instructions).toEqual([{ kind: "turnFlagOn" }]);
  expect(result.current.now.on).toBe(true);
  act(() => result.current.discard());
  expect(result.current.instructions).toEqual([]);
  expect(result.current.now).toBe(off);
});

test("two edits at once are both kept", () => {
  const { result } = start();
  act(() => result.current.edit({ on: true }));
  act(() => {
    result.current.edit({ offVariation: 0 });
    result.current.edit({ fallthrough: { variation: 1 } });
  });
  expect(result.current.instructions.map(({ kind }) => kind)).toEqual([
    "turnFlagOn",
    "setOffVariation",
    "setFallthrough",
  ]);
});

test("somebody else's change is noticed and never undone by what was begun before it", () => {
  const { result, rerender } = start();
  act(() => result.current.edit({ offVariation: null }));
  rerender({ stored: { ...off, on: true }, version: 2 });
  expect(result.current.overtaken).toBe(true);
  expect(result.current.version).toBe(1);
  expect(result.current.instructions).toEqual([{ kind: "setOffVariation", variation: null }]);
});

test("an edit that came back to where it began is begun anew on what stands now", () => {
  const { result, rerender } = start();
  act(() => result.current.edit({ offVariation: null }));
  act(() => result.current.edit({ offVariation: 1 }));
  rerender({ stored: { ...off, on: true }, version: 2 });
  expect(result.current.overtaken).toBe(false);
  expect(result.current.now.on).toBe(true);
  act(() => result.current.edit({ offVariation: 0 }));
  expect(result.current.version).toBe(2);
  expect(result.current.instructions).toEqual([{ kind: "setOffVariation", variation: 0 }]);
});
