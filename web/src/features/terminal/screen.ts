import { FitAddon } from "@xterm/addon-fit";
import { Terminal } from "@xterm/xterm";
import "@xterm/xterm/css/xterm.css";
import { strictStyles } from "./strictStyles";
import { terminalTheme } from "./theme";

export interface ScreenOptions {
  parent: HTMLElement;
  label: string;
  dark: boolean;
  screenReader: boolean;
  onKeys(bytes: Uint8Array): void;
  onResize(cols: number, rows: number): void;
  /** The person wants out, by the keyboard. */
  onLeave(): void;
}

export interface Screen {
  size(): { cols: number; rows: number };
  write(bytes: Uint8Array): void;
  reset(): void;
  focus(): void;
  show(options: { dark: boolean; screenReader: boolean }): void;
  dispose(): void;
}

/** Lines above the screen that can be scrolled back to. */
const SCROLLBACK_LINES = 5000;

/** A terminal in the page. Its module is loaded with the tab, not with the first page. */
export function openScreen(options: ScreenOptions): Screen {
  const { parent, onKeys, onLeave } = options;
  const styles = strictStyles(document);
  const terminal = new Terminal({
    cursorBlink: !matchMedia("(prefers-reduced-motion: reduce)").matches,
    documentOverride: styles.document,
    fontFamily: getComputedStyle(parent).fontFamily,
    fontSize: 13,
    lineHeight: 1.25,
    minimumContrastRatio: 4.5,
    screenReaderMode: options.screenReader,
    scrollback: SCROLLBACK_LINES,
    theme: terminalTheme(options.dark),
  });
  const fit = new FitAddon();
  const utf8 = new TextEncoder();
  terminal.loadAddon(fit);
  styles.open(terminal, parent);
  terminal.textarea?.setAttribute("aria-label", options.label);
  terminal.onData((text) => onKeys(utf8.encode(text)));
  terminal.onBinary((text) => onKeys(Uint8Array.from(text, (char) => char.charCodeAt(0))));
  terminal.onResize(({ cols, rows }) => options.onResize(cols, rows));
  terminal.attachCustomKeyEventHandler((event) => handle(event, terminal, onLeave));

  let frame = 0;
  const follow = new ResizeObserver(() => {
    cancelAnimationFrame(frame);
    frame = requestAnimationFrame(() => fit.fit());
  });
  follow.observe(parent);
  fit.fit();

  return {
    size: () => ({ cols: terminal.cols, rows: terminal.rows }),
    write: (bytes) => terminal.write(bytes),
    reset: () => terminal.reset(),
    focus: () => terminal.focus(),
    show({ dark, screenReader }) {
      terminal.options.theme = terminalTheme(dark);
      terminal.options.screenReaderMode = screenReader;
    },
    dispose() {
      cancelAnimationFrame(frame);
      follow.disconnect();
      terminal.dispose();
      styles.dispose();
    },
  };
}

/** Whether the terminal takes the key. The shell has all of them but these. */
function handle(event: KeyboardEvent, terminal: Terminal, onLeave: () => void): boolean {
  if (event.type !== "keydown" || !event.ctrlKey || event.altKey || event.metaKey) return true;
  const key = event.key.toLowerCase();
  if (event.shiftKey && key === "l") {
    event.preventDefault();
    onLeave();
    return false;
  }
  if (key === "c" && (event.shiftKey || terminal.hasSelection())) {
    event.preventDefault();
    copy(terminal);
    return false;
  }
  // The browser pastes, and xterm.js hears of it.
  return !(key === "v" && event.shiftKey);
}

function copy(terminal: Terminal) {
  if (!terminal.hasSelection()) return;
  // Without a secure context there is no clipboard to write to; the browser's own menu still copies.
  void navigator.clipboard?.writeText(terminal.getSelection());
  terminal.clearSelection();
}
