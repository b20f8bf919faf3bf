import { cleanup, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, test } from "vitest";
import { ListRow, ListTable } from "./ListTable";
import { draw } from "./testing";

afterEach(cleanup);

test("j and k walk through a list and stop at its ends", async () => {
  draw(
    <ListTable label="Flags" heads={["Flag"]}>
      {["a", "b", "c"].map((key) => (
        <ListRow key={key} to={`/${key}`} name={`Flag ${key}`} />
      ))}
    </ListTable>,
  );
  const focused = () => document.activeElement?.textContent;
  const walk: string[] = [];
  for (const key of ["j", "j", "k", "k", "j", "j", "j"]) {
    await userEvent.keyboard(key);
    walk.push(focused() ?? "");
  }
  expect(walk).toEqual(["a", "b", "a", "a", "b", "c", "c"].map((key) => `Flag ${key}`));
  expect(screen.getByRole("table", { name: "Flags" })).toBeTruthy();
});
