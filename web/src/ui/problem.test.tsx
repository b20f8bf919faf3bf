import { cleanup, screen } from "@testing-library/react";
import { afterEach, expect, test } from "vitest";
import { Problem } from "../api/problem";
import { ProblemNote, problemAt } from "./problem";
import { draw } from "./testing";

afterEach(cleanup);

const refusal = (field?: string) =>
  new Problem({
    status: 400,
    code: "c",
    title: "t",
    detail: "the name is taken",
    hint: "choose another",
    field,
  });

test("a refusal stands at its field, with what would be right", () => {
  expect(problemAt(refusal("/name"), "name")).toBe("The name is taken. Choose another.");
  expect(problemAt(refusal("name"), "/name")).toBe("The name is taken. Choose another.");
  expect(problemAt(refusal("/variations/0/value"), "variations")).toBeDefined();
  expect(problemAt(refusal("/names"), "name")).toBeUndefined();
  expect(problemAt(refusal(), "name")).toBeUndefined();
  expect(problemAt(new Error("else"), "name")).toBeUndefined();
});

test("the note keeps silent where a field speaks, and speaks for the rest", () => {
  draw(<ProblemNote error={refusal("/name")} except={["name"]} />);
  expect(screen.queryByRole("alert")).toBeNull();
  draw(<ProblemNote error={refusal("/key")} except={["name"]} />);
  expect(screen.getByRole("alert").textContent).toBe("The name is taken.Choose another.");
});
