import { cleanup, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState } from "react";
import { afterEach, expect, test } from "vitest";
import { draw } from "../../ui/testing";
import type { Rollout, Variation } from "./model";
import { RolloutEditor } from "./RolloutEditor";

afterEach(cleanup);

function Editor({ weights, onChange }: { weights: number[]; onChange: (rollout: Rollout) => void }) {
  const variations = weights.map((_, index) => ({
    id: `${index}`,
    name: `v${index}`,
    value: index,
  })) as Variation[];
  const shares = weights.map((weight, variation) => ({ variation, weight }));
  const [rollout, setRollout] = useState<Rollout>({ contextKind: "user", variations: shares });
  const change = (changed: Rollout) => {
    setRollout(changed);
    onChange(changed);
  };
  return <RolloutEditor rollout={rollout} variations={variations} onChange={change} />;
}

function start(...weights: number[]) {
  const seen: { last?: Rollout } = {};
  draw(
    <Editor
      weights={weights}
      onChange={(rollout) => {
        seen.last = rollout;
      }}
    />,
  );
  return () => seen.last?.variations.map(({ weight }) => weight);
}

const share = (name: string) => screen.getByRole("textbox", { name: `Share of ${name} in percent` });

test("of two shares the other follows, so that nothing is missing", async () => {
  const weights = start(1_000, 99_000);
  await userEvent.clear(share("v0"));
  await userEvent.type(share("v0"), "12.5");
  expect(weights()).toEqual([12_500, 87_500]);
  expect(screen.queryByRole("alert")).toBeNull();
});

test("of three shares what is missing is said, and one click gives it away", async () => {
  const weights = start(50_000, 30_000, 20_000);
  await userEvent.clear(share("v0"));
  await userEvent.type(share("v0"), "40");
  expect(screen.getByRole("alert").textContent).toContain("10 % more to give");
  await userEvent.click(screen.getByRole("button", { name: "Give the rest to v2" }));
  expect(weights()).toEqual([40_000, 30_000, 30_000]);
  expect(screen.queryByRole("alert")).toBeNull();
});
