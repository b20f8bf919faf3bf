import { cleanup, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState } from "react";
import { afterEach, expect, test } from "vitest";
import { Problem } from "../../../api/problem";
import { draw } from "../../../ui/testing";
import type { Variant } from "../model";
import { Refused } from "../refused";
import { VariantsPanel } from "./VariantsPanel";

afterEach(cleanup);

type PageProps = { from: Variant[]; refused?: Problem; onChange: (variants: Variant[]) => void };

function Page({ from, refused, onChange }: PageProps) {
  const [variants, setVariants] = useState(from);
  const change = (changed: Variant[]) => {
    setVariants(changed);
    onChange(changed);
  };
  return (
    <Refused.Provider value={refused}>
      <VariantsPanel variants={variants} readOnly={false} onChange={change} />
    </Refused.Provider>
  );
}

/** The panel on a page; what it comes to is in `seen`. */
function start(from: Variant[], refused?: Problem) {
  const seen = { variants: from };
  const change = (changed: Variant[]) => {
    seen.variants = changed;
  };
  draw(<Page from={from} refused={refused} onChange={change} />);
  return { seen, user: userEvent.setup() };
}

const half = (name: string, more: Partial<Variant> = {}): Variant => ({ name, weight: 500, ...more });

test("variants are added, and share evenly until one is fixed", async () => {
  const { seen, user } = start([]);
  await user.click(screen.getByRole("button", { name: "Add a variant" }));
  await user.click(screen.getByRole("button", { name: "Add a variant" }));
  expect(seen.variants.map(({ weight }) => weight)).toEqual([500, 500]);
  await user.click(screen.getByRole("checkbox", { name: "Fixed share" }));
  const share = screen.getByRole("textbox", { name: "Share" });
  await user.clear(share);
  await user.type(share, "20");
  expect(seen.variants.map(({ weight, weightType }) => [weight, weightType])).toEqual([
    [800, "variable"],
    [200, "fix"],
  ]);
});

test("a payload that is none of its type is said beside the value", async () => {
  const { seen, user } = start([half("blue"), half("green")]);
  await user.click(screen.getByRole("button", { name: "Edit variant blue" }));
  await user.click(screen.getByRole("combobox", { name: "Comes with" }));
  await user.click(await screen.findByRole("option", { name: "Number" }));
  await user.type(screen.getByRole("textbox", { name: "Value" }), "many");
  expect(screen.getByText("Type a number.")).toBeTruthy();
  expect(seen.variants[0]?.payload).toEqual({ type: "number", value: "many" });
  await user.click(screen.getByRole("combobox", { name: "Comes with" }));
  await user.click(await screen.findByRole("option", { name: "Nothing" }));
  expect(seen.variants[0]?.payload).toBeUndefined();
});

test("what the server refuses stands at the field, and on the card while it is closed", async () => {
  const detail = "it is longer than 100 characters";
  const refused = new Problem({
    status: 400,
    code: "too-long",
    title: "",
    detail,
    field: "/variants/1/name",
  });
  const { user } = start([half("blue"), half("green")], refused);
  expect(screen.getByText("It is longer than 100 characters.")).toBeTruthy();
  await user.click(screen.getByRole("button", { name: "Edit variant green" }));
  expect(screen.getByRole("textbox", { name: "Name" }).getAttribute("aria-invalid")).toBe("true");
});

test("of fixed shares that do not sum up it is said what is missing, and one click gives it away", async () => {
  const { seen, user } = start([
    half("blue", { weightType: "fix" }),
    half("green", { weight: 300, weightType: "fix" }),
  ]);
  expect(screen.getByRole("alert").textContent).toBe("20 % more to give");
  await user.click(screen.getByRole("button", { name: "Give the rest to green" }));
  expect(seen.variants.map(({ weight }) => weight)).toEqual([500, 500]);
  expect(screen.queryByRole("alert")).toBeNull();
});

test("the field by which variants are drawn is emptied and typed anew, and left empty is the default", async () => {
  const { seen, user } = start([
    half("blue", { stickiness: "userId" }),
    half("green", { stickiness: "userId" }),
  ]);
  const field = screen.getByRole<HTMLInputElement>("combobox", { name: "Drawn by" });
  const drawn = () => seen.variants.map(({ stickiness }) => stickiness);
  await user.clear(field);
  expect(field.value).toBe("");
  await user.type(field, "tenant");
  expect(field.value).toBe("tenant");
  expect(drawn()).toEqual(["tenant", "tenant"]);
  await user.clear(field);
  await user.tab();
  expect(field.value).toBe("default");
  expect(drawn()).toEqual([undefined, undefined]);
});
