import { useSyncExternalStore } from "react";

interface Ticker {
  now: number;
  subscribe(listener: () => void): () => void;
}

const tickers = new Map<number, Ticker>();

/** One timer per period for the whole page, running only while somebody watches. */
function ticker(period: number): Ticker {
  const known = tickers.get(period);
  if (known) return known;
  const listeners = new Set<() => void>();
  let timer: ReturnType<typeof setInterval> | undefined;
  const made: Ticker = {
    now: Date.now(),
    subscribe(listener) {
      listeners.add(listener);
      made.now = Date.now();
      timer ??= setInterval(() => {
        made.now = Date.now();
        for (const each of listeners) each();
      }, period);
      return () => {
        listeners.delete(listener);
        if (listeners.size > 0) return;
        clearInterval(timer);
        timer = undefined;
      };
    },
  };
  tickers.set(period, made);
  return made;
}

/** The time, renewed each `period` milliseconds. */
export function useNow(period: 100 | 1000 | 30_000): number {
  const source = ticker(period);
  return useSyncExternalStore(source.subscribe, () => source.now);
}
