import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { Route, Routes } from "react-router";
import { afterEach, expect, test, vi } from "vitest";
import { api } from "../../api/client";
import { draw } from "../../ui/testing";
import { Import } from "./Import";

const report = (dryRun: boolean) => ({
  dryRun,
  sentence: "1 created, 0 changed, 0 unchanged, 1 refused",
  largestVersion: 41,
  counts: { created: 1, changed: 0, unchanged: 0, refused: 1 },
  segments: [],
  flags: [
    { key: "good", outcome: "created", notes: [] },
    { key: "odd", outcome: "refused", why: "its rollouts hash with an empty salt", notes: [] },
  ],
});

afterEach(() => vi.restoreAllMocks());

test("an import is looked through before it is done, and is done with what was looked through", async () => {
  const payload = { flags: { good: { version: 41 }, odd: {} } };
  const answers = [payload, report(true), report(false)];
  const post = vi.spyOn(api, "POST");
  post.mockImplementation((async () => ({ data: answers[post.mock.calls.length - 1] })) as never);
  const onDone = vi.fn();
  draw(
    <QueryClientProvider client={new QueryClient()}>
      <Routes>
        <Route path="/:project/:environment" element={<Import onDone={onDone} />} />
      </Routes>
    </QueryClientProvider>,
    "/shop/production",
  );
  const user = userEvent.setup();
  await user.type(screen.getByLabelText("SDK key"), "sdk-1");
  await user.click(screen.getByRole("button", { name: "Look through it" }));
  expect(await screen.findByText("its rollouts hash with an empty salt")).toBeTruthy();
  expect(post.mock.calls[0]?.[1]).toEqual({ body: { sdkKey: "sdk-1", url: undefined } });
  const path = { project: "shop", environment: "production" };
  const asked = (dryRun: boolean) => ({ params: { path, query: { dryRun, replace: false } }, body: payload });
  expect(post.mock.calls[1]?.[1]).toEqual(asked(true));

  await user.click(screen.getByRole("button", { name: "Import 1 into production" }));
  await vi.waitFor(() => expect(onDone).toHaveBeenCalled());
  expect(post.mock.calls[2]?.[1]).toEqual(asked(false));
});
