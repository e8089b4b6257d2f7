import { useSyncExternalStore } from "react";
import type { Workspace } from "~/api/types";

/** Enough for anybody; of more, the oldest go. It also bounds what workspaces that are gone leave behind. */
const MOST = 100;
const NONE: readonly string[] = [];

const listeners = new Set<() => void>();
const known = new Map<string, readonly string[]>();

/** Each person's own, as several may use one browser. */
const storageKey = (userId: string) => `starred:${userId}`;

function stored(userId: string): readonly string[] {
  try {
    const ids: unknown = JSON.parse(localStorage.getItem(storageKey(userId)) ?? "[]");
    return Array.isArray(ids) ? ids.filter((id) => typeof id === "string") : NONE;
  } catch {
    return NONE; // Storage is blocked, or holds what is not ours.
  }
}

function starredOf(userId: string): readonly string[] {
  const ids = known.get(userId) ?? stored(userId);
  known.set(userId, ids);
  return ids;
}

function toggle(userId: string, id: string) {
  const before = starredOf(userId);
  const after = before.includes(id) ? before.filter((each) => each !== id) : [...before, id].slice(-MOST);
  known.set(userId, after);
  try {
    localStorage.setItem(storageKey(userId), JSON.stringify(after));
  } catch {
    // Storage is blocked: the star lasts for this page.
  }
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void) {
  function onStorage(event: StorageEvent) {
    // Another tab of this browser changed them, or emptied the storage.
    if (event.key !== null && !event.key.startsWith("starred:")) return;
    known.clear();
    listener();
  }
  listeners.add(listener);
  window.addEventListener("storage", onStorage);
  return () => {
    listeners.delete(listener);
    window.removeEventListener("storage", onStorage);
  };
}

/** The ids of the workspaces that the person starred in this browser, and what stars one or takes the star away. */
export function useStarred(userId: string): [readonly string[], (id: string) => void] {
  const ids = useSyncExternalStore(subscribe, () => starredOf(userId));
  return [ids, (id) => toggle(userId, id)];
}

/** Those with a star before those without, else in the order they came in. */
export function starredFirst(workspaces: readonly Workspace[], starred: readonly string[]): Workspace[] {
  const rank = ({ id }: Workspace) => (starred.includes(id) ? 0 : 1);
  return workspaces.toSorted((one, other) => rank(one) - rank(other));
}
