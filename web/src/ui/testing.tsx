// What component tests stand in: the theme, and an address.
import { MantineProvider } from "@mantine/core";
import { render } from "@testing-library/react";
import type { ReactNode } from "react";
import { MemoryRouter } from "react-router";

// A text field that grows measures itself anew when a font arrives; here none ever does.
Object.defineProperty(document, "fonts", { value: new EventTarget(), configurable: true });

/** Draws `children` as they stand in the console, without motion. */
export function draw(children: ReactNode, address = "/") {
  return render(
    <MantineProvider env="test">
      <MemoryRouter initialEntries={[address]}>{children}</MemoryRouter>
    </MantineProvider>,
  );
}
