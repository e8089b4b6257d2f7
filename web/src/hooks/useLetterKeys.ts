import { useSyncExternalStore } from "react";

const STORAGE_KEY = "letter-keys";
const listeners = new Set<() => void>();
let wanted = stored();

function stored(): boolean {
  try {
    return localStorage.getItem(STORAGE_KEY) !== "off";
  } catch {
    return true; // Storage is blocked: the choice lasts for this page.
  }
}

function choose(on: boolean) {
  wanted = on;
  try {
    if (on) localStorage.removeItem(STORAGE_KEY);
    else localStorage.setItem(STORAGE_KEY, "off");
  } catch {
    // As above.
  }
  for (const listener of listeners) listener();
}

/**
 * Whether single letters are shortcuts in this browser. Who dictates, or presses keys by accident, can turn them off
 * (WCAG 2.1.4).
 */
export function useLetterKeys(): [boolean, (on: boolean) => void] {
  const on = useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => wanted,
  );
  return [on, choose];
}
