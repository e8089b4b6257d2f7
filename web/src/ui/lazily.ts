/** How long to wait before each further try. */
const PAUSES_MS = [300, 900];

/** A part of the app that is loaded when it is needed; a moment without a network is no reason to break the page. */
export function lazily<T>(load: () => Promise<T>): () => Promise<T> {
  return async () => {
    for (const pause of PAUSES_MS) {
      try {
        return await load();
      } catch {
        await new Promise((resolve) => setTimeout(resolve, pause));
      }
    }
    return await load();
  };
}
