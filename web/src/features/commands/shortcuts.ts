/**
 * Every keyboard shortcut of the app, once: what listens to the keyboard and the sheet that explains it are both
 * made from this table.
 */
export const shortcuts = [
  { id: "palette", keys: ["Mod+K"], label: "Search, jump and command", group: "Anywhere" },
  { id: "search", keys: ["/"], label: "Search on this page", group: "Anywhere" },
  { id: "newWorkspace", keys: ["n"], label: "New workspace", group: "Anywhere" },
  { id: "help", keys: ["?"], label: "Show this sheet", group: "Anywhere" },
  { id: "workspaces", keys: ["g", "w"], label: "Workspaces", group: "Go to" },
  { id: "catalog", keys: ["g", "c"], label: "Catalog", group: "Go to" },
  { id: "templates", keys: ["g", "t"], label: "Templates", group: "Go to" },
  { id: "organization", keys: ["g", "o"], label: "Organization", group: "Go to" },
] as const;

export type ShortcutId = (typeof shortcuts)[number]["id"];

/** A press of a key, as much of it as matters here. */
export interface Press {
  key: string;
  ctrlKey: boolean;
  metaKey: boolean;
  altKey: boolean;
  /** The key is held down and repeats. */
  repeat: boolean;
  /** A letter that goes into a field is no command. */
  typing: boolean;
}

/** The second key of a sequence is waited for this long. */
const PATIENCE_MS = 1200;

/**
 * Listens to one key after the other and names the shortcut that they make. What the first keys of a longer sequence
 * are is remembered for a moment, then forgotten.
 */
export function makeListener(mac: boolean): (press: Press, now: number) => ShortcutId | undefined {
  let begun: string[] = [];
  let until = 0;
  return (press, now) => {
    if (now > until) begun = [];
    const pressed = nameOf(press, mac);
    if (pressed === undefined) return undefined;
    const sequences = [[...begun, pressed], [pressed]];
    begun = [];
    for (const sequence of sequences) {
      const whole = shortcuts.find(
        ({ keys }) => keys.length === sequence.length && startsWith(keys, sequence),
      );
      if (whole) return whole.id;
      if (shortcuts.some(({ keys }) => startsWith(keys, sequence))) {
        begun = sequence;
        until = now + PATIENCE_MS;
        return undefined;
      }
    }
    return undefined;
  };
}

/** The key as the table writes it; undefined for what is none of the app's business. */
function nameOf({ key, ctrlKey, metaKey, altKey, repeat, typing }: Press, mac: boolean): string | undefined {
  if (repeat || altKey) return undefined;
  // Control is not taken on a Mac, where it moves the cursor in every field.
  const mod = mac ? metaKey && !ctrlKey : ctrlKey && !metaKey;
  if (mod) return `Mod+${key.toUpperCase()}`;
  if (ctrlKey || metaKey || typing || key.length > 1) return undefined;
  // With the lock on, a letter is the same letter.
  return key.toLowerCase();
}

function startsWith(keys: readonly string[], beginning: readonly string[]): boolean {
  return beginning.every((key, index) => keys[index] === key);
}

/** What is written on the keys, for a person: `⌘ K` on a Mac, `Ctrl K` elsewhere. */
export function keyCaps(id: ShortcutId, mac: boolean): string[] {
  const keys: readonly string[] = shortcuts.find((shortcut) => shortcut.id === id)?.keys ?? [];
  return keys.flatMap((key) => key.split("+")).map((key) => (key === "Mod" ? (mac ? "⌘" : "Ctrl") : key));
}

export function isMac(platform: string = navigator.platform): boolean {
  return /^(Mac|iP(hone|ad|od))/.test(platform);
}

/** Whether what has the focus takes letters for itself. */
export function takesLetters(target: EventTarget | null): boolean {
  return (
    target instanceof Element &&
    target.closest(
      'input, textarea, select, [contenteditable=""], [contenteditable="true"], [role="menu"]',
    ) !== null
  );
}
