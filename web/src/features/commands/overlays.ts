/** What is loaded when it is asked for, and not with the first page. */
export { CommandPalette } from "./CommandPalette";
export { ShortcutSheet } from "./ShortcutSheet";
