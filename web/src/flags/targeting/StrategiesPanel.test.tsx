import { cleanup, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState } from "react";
import { afterEach, expect, test } from "vitest";
import { draw } from "../../ui/testing";
import type { Strategy, Variant } from "./model";
import { StrategiesPanel } from "./StrategiesPanel";
import { newStrategy } from "./strategies";

afterEach(cleanup);

type PageProps = { from: Strategy[]; readOnly: boolean; onChange: (strategies: Strategy[]) => void };

function Page({ from, readOnly, onChange }: PageProps) {
  const [strategies, setStrategies] = useState(from);
  const change = (changed: Strategy[]) => {
    setStrategies(changed);
    onChange(changed);
  };
  return <StrategiesPanel strategies={strategies} readOnly={readOnly} onChange={change} />;
}

/** The panel on a page; what it comes to is in `seen`. */
function start(from: Strategy[], readOnly = false) {
  const seen = { strategies: from };
  const change = (changed: Strategy[]) => {
    seen.strategies = changed;
  };
  draw(<Page from={from} readOnly={readOnly} onChange={change} />);
  return { seen, user: userEvent.setup() };
}

const fixed = (name: string, weight: number): Variant => ({ name, weight, weightType: "fix" });
const uneven: Strategy = { name: "default", variants: [fixed("blue", 200), fixed("green", 300)] };

test("a closed strategy says that its variants do not add up", async () => {
  const { user } = start([uneven]);
  const said = "Its variants do not add up to 100 %: 50 % more to give.";
  expect(screen.getByRole("alert").textContent).toBe(said);
  await user.click(screen.getByRole("button", { name: "Edit strategy 1" }));
  expect(screen.getByRole("alert").textContent).toBe("50 % more to give");
  await user.click(screen.getByRole("button", { name: "Done" }));
  expect(screen.getByRole("alert").textContent).toBe(said);
  await user.click(screen.getByRole("button", { name: "Edit strategy 1" }));
  await user.click(screen.getByRole("button", { name: "Give the rest to green" }));
  await user.click(screen.getByRole("button", { name: "Done" }));
  expect(screen.queryByRole("alert")).toBeNull();
});

test("nobody is asked to mend what they may only read", () => {
  start([uneven], true);
  expect(screen.queryByRole("alert")).toBeNull();
});

test("the field by which a strategy draws is emptied and typed anew, and left empty is the default", async () => {
  const { seen, user } = start([newStrategy()]);
  await user.click(screen.getByRole("button", { name: "Edit strategy 1" }));
  const field = screen.getByRole<HTMLInputElement>("combobox", { name: "Drawn by" });
  const drawn = () => seen.strategies[0]?.parameters?.stickiness;
  await user.clear(field);
  expect(field.value).toBe("");
  expect(drawn()).toBe("default");
  await user.type(field, "tenant");
  expect(field.value).toBe("tenant");
  expect(drawn()).toBe("tenant");
  await user.clear(field);
  await user.tab();
  expect(field.value).toBe("default");
  expect(drawn()).toBe("default");
});
