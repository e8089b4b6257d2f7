import type { ITheme } from "@xterm/xterm";

/** Sixteen colours for each ground, each readable on it. */
const dark = {
  black: "#31433c",
  red: "#ff8f80",
  green: "#7fd98f",
  yellow: "#e8c46b",
  blue: "#86b8ff",
  magenta: "#dba2f0",
  cyan: "#6fd6bd",
  white: "#d5e0da",
  brightBlack: "#8aa096",
  brightRed: "#ffb3a7",
  brightGreen: "#a6ecb2",
  brightYellow: "#f6dc96",
  brightBlue: "#b0d0ff",
  brightMagenta: "#ebc5f8",
  brightCyan: "#93e6d1",
  brightWhite: "#ffffff",
} satisfies ITheme;

const light = {
  black: "#12201c",
  red: "#a8281c",
  green: "#1f6b2e",
  yellow: "#7a5600",
  blue: "#1d4fa3",
  magenta: "#7d2a94",
  cyan: "#0c6657",
  white: "#5a6b63",
  brightBlack: "#4a5b53",
  brightRed: "#8c1c12",
  brightGreen: "#155421",
  brightYellow: "#604300",
  brightBlue: "#153c80",
  brightMagenta: "#611c75",
  brightCyan: "#085044",
  brightWhite: "#2b3a33",
} satisfies ITheme;

/** As the page is at the moment. */
export function terminalTheme(isDark: boolean): ITheme {
  const ground = isDark ? "#0e1614" : "#fbfcfa";
  const ink = isDark ? "#e8f0ec" : "#12201c";
  return {
    ...(isDark ? dark : light),
    background: ground,
    foreground: ink,
    cursor: isDark ? "#6fd6bd" : "#0c6657",
    cursorAccent: ground,
    selectionBackground: isDark ? "#2a5c4f" : "#bfe3d8",
    scrollbarSliderBackground: isDark ? "#3a4d46" : "#b6c1b8",
    scrollbarSliderHoverBackground: isDark ? "#5f766d" : "#7c8c84",
    scrollbarSliderActiveBackground: isDark ? "#5f766d" : "#7c8c84",
  };
}
