// One typeface with tabular figures, neutral greys, and four colours that mean something (console.md, "Look").
import {
  CloseButton,
  type CSSVariablesResolver,
  createTheme,
  type MantineColorsTuple,
  Menu,
  Modal,
} from "@mantine/core";

const ink: MantineColorsTuple = [
  "#eef3fa",
  "#dbe5f2",
  "#b5c8e2",
  "#8ca9d1",
  "#6a8fc3",
  "#547eba",
  "#4575b4",
  "#2f5c97",
  "#265189",
  "#19457a",
];

// The greys of the dark colours, a little blue as the ground is.
const slate: MantineColorsTuple = [
  "#e3e7ec",
  "#c3cad3",
  "#a9b4c2",
  "#7b8695",
  "#3f4854",
  "#343c47",
  "#262c35",
  "#1b1f26",
  "#14171c",
  "#0f1216",
];

// Mantine's own red is too light for white words on it, and for itself on white (WCAG 1.4.3).
const red: MantineColorsTuple = [
  "#fdeceb",
  "#f9d3d0",
  "#f1a7a1",
  "#ea7a72",
  "#e25349",
  "#d63b31",
  "#c42f26",
  "#b3261e",
  "#9a1f18",
  "#7d1812",
];

// Windows, notes and inputs close by an icon; screen readers need its word.
const close = { "aria-label": "Close" };

export const theme = createTheme({
  primaryColor: "ink",
  primaryShade: { light: 7, dark: 7 },
  colors: { ink, red, dark: slate },
  fontFamily: "'Inter Variable', system-ui, sans-serif",
  fontFamilyMonospace: "ui-monospace, 'SF Mono', 'JetBrains Mono', Menlo, monospace",
  headings: {
    fontWeight: "600",
    sizes: { h1: { fontSize: "1.5rem" }, h2: { fontSize: "1.0625rem" }, h3: { fontSize: "0.9375rem" } },
  },
  defaultRadius: "sm",
  cursorType: "pointer",
  focusRing: "always",
  components: {
    CloseButton: CloseButton.extend({ defaultProps: close }),
    // A menu stays in the landmark of its button, and holds nothing but its items.
    Menu: Menu.extend({ defaultProps: { withinPortal: false, withInitialFocusPlaceholder: false } }),
    // A window's head is no second banner of the page.
    Modal: Modal.extend({
      defaultProps: { attributes: { header: { role: "presentation" } } },
      styles: { title: { fontWeight: 600 } },
    }),
  },
  respectReducedMotion: true,
});

// The four meanings, each legible as text (AA) on its theme's ground and panels.
export const variables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    "--healthy": "#1a7244",
    "--suspect": "#8a5a00",
    "--regressed": "#b3261e",
    "--unknown": "#5b6470",
    "--production": "#7b2d8e",
    "--ground": "#f6f7f9",
    "--panel": "#ffffff",
    "--line": "#dfe3e8",
    "--mantine-color-dimmed": "#5b6470",
    "--mantine-color-placeholder": "#6b7480",
    "--mantine-color-error": "#b3261e",
  },
  dark: {
    "--healthy": "#5fd08f",
    "--suspect": "#f0b54a",
    "--regressed": "#ff8a80",
    "--unknown": "#a9b4c2",
    "--production": "#d9a0e8",
    "--ground": "#14171c",
    "--panel": "#1b1f26",
    "--line": "#2e343d",
    "--mantine-color-body": "#1b1f26",
    "--mantine-color-dimmed": "#a9b4c2",
    "--mantine-color-anchor": "#8ca9d1",
    "--mantine-color-placeholder": "#8b96a4",
    "--mantine-color-error": "#ff8a80",
  },
});
