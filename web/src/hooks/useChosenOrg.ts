import { useSyncExternalStore } from "react";

const STORAGE_KEY = "organization";
const listeners = new Set<() => void>();
let chosen: string | null = stored();

function stored(): string | null {
  try {
    return localStorage.getItem(STORAGE_KEY);
  } catch {
    return null; // Storage is blocked: the choice lasts for this page.
  }
}

function choose(slug: string) {
  chosen = slug;
  try {
    localStorage.setItem(STORAGE_KEY, slug);
  } catch {
    // As above.
  }
  for (const listener of listeners) listener();
}

/** The slug of the organization that the person chose to look at in this browser; it may be gone by now. */
export function useChosenOrg(): [string | null, (slug: string) => void] {
  const slug = useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => chosen,
  );
  return [slug, choose];
}
