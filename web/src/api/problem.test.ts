import { expect, test } from "vitest";
import { Problem } from "./problem";

test("a refusal keeps what the server said", async () => {
  const details = {
    status: 412,
    code: "stale-version",
    title: "Precondition Failed",
    detail: "it has changed",
    hint: "read it again",
  };
  const problem = await Problem.of(
    new Response(JSON.stringify({ ...details, field: "If-Match" }), { status: 412 }),
  );
  expect(problem).toMatchObject({
    status: 412,
    code: "stale-version",
    detail: "It has changed.",
    field: "If-Match",
  });
  expect(problem.message).toBe("It has changed. Read it again.");
});

test("an answer that is not ours is told as one", async () => {
  for (const text of ["<html>Bad Gateway</html>", '"no"', '{"error": true}']) {
    const problem = await Problem.of(new Response(text, { status: 502, statusText: "Bad Gateway" }));
    expect(problem).toMatchObject({ status: 502, code: "not-steadfast" });
    expect(problem.message).toContain("answered 502 Bad Gateway");
  }
});
