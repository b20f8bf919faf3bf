import { expect, test } from "vitest";
import { Problem } from "../api/problem";
import { makeClient } from "./data";
import { SESSION } from "./session";

const refusal = (status: number) => new Problem({ status, code: "c", title: "t", detail: "d" });

test("an answer that nobody is logged in ends the session", async () => {
  const client = makeClient();
  client.setQueryData(SESSION, { name: "Ada" });
  const ask = (status: number) =>
    client
      .fetchQuery({ queryKey: ["flags", status], queryFn: () => Promise.reject(refusal(status)) })
      .catch(() => undefined);
  await ask(403);
  expect(client.getQueryData(SESSION)).toEqual({ name: "Ada" });
  await ask(401);
  expect(client.getQueryData(SESSION)).toBeNull();
});

test("what a mutation moves is asked again, once it has succeeded", async () => {
  const client = makeClient();
  client.setQueryData(["change", "flags"], 1);
  client.setQueryData(["release", "list"], 1);
  const stale = (topic: string) =>
    client.getQueryCache().findAll({ queryKey: [topic] })[0]?.state.isInvalidated;
  await client
    .getMutationCache()
    .build(client, { mutationFn: () => Promise.resolve(1), meta: { moves: ["change"] } })
    .execute(undefined);
  expect([stale("change"), stale("release")]).toEqual([true, false]);
});
