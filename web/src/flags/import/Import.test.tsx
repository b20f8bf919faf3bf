import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { cleanup, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { Route, Routes } from "react-router";
import { afterEach, expect, test, vi } from "vitest";
import { api } from "../../api/client";
import { Problem } from "../../api/problem";
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

const path = { project: "shop", environment: "production" };

afterEach(() => {
  cleanup();
  vi.restoreAllMocks();
});

/** The page, where the server gives these answers one after the other. */
function start(...answers: unknown[]) {
  const post = vi.spyOn(api, "POST");
  post.mockImplementation((async () => {
    const data = answers[post.mock.calls.length - 1];
    if (data instanceof Error) throw data;
    return { data };
  }) as never);
  const onDone = vi.fn();
  draw(
    <QueryClientProvider client={new QueryClient()}>
      <Routes>
        <Route path="/:project/:environment" element={<Import onDone={onDone} />} />
      </Routes>
    </QueryClientProvider>,
    "/shop/production",
  );
  return { post, onDone, user: userEvent.setup() };
}

test("an import is looked through before it is done, and is done with what was looked through", async () => {
  const payload = { flags: { good: { version: 41 }, odd: {} } };
  const { post, onDone, user } = start(payload, report(true), report(false));
  await user.type(screen.getByLabelText("SDK key"), "sdk-1");
  await user.click(screen.getByRole("button", { name: "Look through it" }));
  expect(await screen.findByText("its rollouts hash with an empty salt")).toBeTruthy();
  expect(post.mock.calls[0]?.[1]).toEqual({ body: { sdkKey: "sdk-1", url: undefined } });
  const asked = (dryRun: boolean) => ({ params: { path, query: { dryRun, replace: false } }, body: payload });
  expect(post.mock.calls[1]?.[1]).toEqual(asked(true));
  expect(screen.getByText(/versions go on above 41\./)).toBeTruthy();

  await user.click(screen.getByRole("button", { name: "Import 1 into production" }));
  await vi.waitFor(() => expect(onDone).toHaveBeenCalled());
  expect(post.mock.calls[2]?.[1]).toEqual(asked(false));
});

test("Unleash is asked by address and client token, and a refused token is said at its field", async () => {
  const payload = { version: 2, features: [{ name: "good" }] };
  const refused = new Problem({
    status: 400,
    code: "key-refused",
    title: "",
    detail: "it answered 401: it does not take this key",
    field: "/token",
  });
  const { post, user } = start(refused, payload, report(true));
  await user.click(screen.getByText("Unleash"));
  await user.type(screen.getByLabelText("Client token"), "*:production.1");
  await user.type(screen.getByLabelText("Address"), "https://unleash.example");
  await user.type(screen.getByLabelText("Project there"), "web");
  await user.click(screen.getByRole("button", { name: "Look through it" }));
  expect(await screen.findByText("It answered 401: it does not take this key.")).toBeTruthy();
  expect(screen.getByLabelText("Client token").getAttribute("aria-invalid")).toBe("true");

  await user.click(screen.getByRole("button", { name: "Look through it" }));
  expect(await screen.findByText("its rollouts hash with an empty salt")).toBeTruthy();
  const question = { token: "*:production.1", url: "https://unleash.example", project: "web" };
  expect(post.mock.calls[1]?.[1]).toEqual({ body: question });
  const query = { dryRun: true, replace: false, from: undefined };
  expect(post.mock.calls[2]?.[1]).toEqual({ params: { path, query }, body: payload });
  expect(screen.queryByText(/versions go on/)).toBeNull();
});

test("what one system refused is not said under the fields of another", async () => {
  const detail = "it is not an address of the public internet";
  const refused = new Problem({ status: 400, code: "bad-url", title: "", detail, field: "/url" });
  const { user } = start(refused);
  const said = "It is not an address of the public internet.";
  await user.type(screen.getByLabelText("SDK key"), "sdk-1");
  await user.type(screen.getByLabelText("Address"), "http://127.0.0.1:4242");
  await user.click(screen.getByRole("button", { name: "Look through it" }));
  expect(await screen.findByText(said)).toBeTruthy();
  await user.click(screen.getByText("Unleash"));
  expect(screen.queryByText(said)).toBeNull();
  expect(screen.getByLabelText("Address").getAttribute("aria-invalid")).toBeNull();
});

test("of a pasted export that holds several environments one is chosen first", async () => {
  const environments = ["beta", "live"].map((environment) => ({ featureName: "good", environment }));
  const payload = { features: [{ name: "good" }], featureEnvironments: environments };
  const { post, user } = start(report(true));
  await user.click(screen.getByText("Unleash"));
  await user.click(screen.getByText("Pasted"));
  const look = screen.getByRole<HTMLButtonElement>("button", { name: "Look through it" });
  await user.click(screen.getByLabelText("Text"));
  await user.paste("<html>");
  expect(screen.getByText(/This is no JSON/)).toBeTruthy();
  await user.clear(screen.getByLabelText("Text"));
  await user.paste(JSON.stringify(payload));
  expect(look.disabled).toBe(true);
  await user.click(screen.getByRole("combobox", { name: "Environment there" }));
  await user.click(await screen.findByRole("option", { name: "live" }));
  await user.click(look);
  expect(await screen.findByText("its rollouts hash with an empty salt")).toBeTruthy();
  const query = { dryRun: true, replace: false, from: "live" };
  expect(post.mock.calls[0]?.[1]).toEqual({ params: { path, query }, body: payload });
});

test("a file that is empty or cannot be read says so, and may be chosen again", async () => {
  const payload = { flags: { good: {} } };
  const { post, user } = start(report(true));
  await user.click(screen.getByText("A file"));
  const look = screen.getByRole<HTMLButtonElement>("button", { name: "Look through it" });
  const field = () => screen.getByLabelText("File");
  const choose = async (file: File) => {
    const input = document.querySelector<HTMLInputElement>("input[type=file]");
    if (input) await user.upload(input, file);
  };
  expect(field().getAttribute("aria-invalid")).toBeNull();
  await choose(new File([], "empty.json", { type: "application/json" }));
  expect(await screen.findByText(/This is empty\. It must be what/)).toBeTruthy();

  const moved = new File([JSON.stringify(payload)], "moved.json", { type: "application/json" });
  vi.spyOn(moved, "text").mockRejectedValueOnce(new DOMException("", "NotReadableError"));
  await choose(moved);
  expect(await screen.findByText(/This file cannot be read/)).toBeTruthy();
  expect(field().textContent).toBe("moved.json");
  expect(field().getAttribute("aria-invalid")).toBe("true");
  expect(look.disabled).toBe(true);

  await choose(moved);
  await vi.waitFor(() => expect(look.disabled).toBe(false));
  expect(screen.queryByText(/This file cannot be read/)).toBeNull();
  await user.click(look);
  expect(await screen.findByText("its rollouts hash with an empty salt")).toBeTruthy();
  expect(post.mock.calls[0]?.[1]).toMatchObject({ body: payload });
});
