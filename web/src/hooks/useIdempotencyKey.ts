import { useRef } from "react";

/**
 * A key for each distinct request. Sending the same request again, because the first answer was lost,
 * repeats the key, and the server repeats its answer instead of the work.
 */
export function useIdempotencyKey(): (request: unknown) => string {
  const last = useRef({ request: "", key: "" });
  return (request) => {
    const text = JSON.stringify(request);
    if (text !== last.current.request) last.current = { request: text, key: randomKey() };
    return last.current.key;
  };
}

// crypto.randomUUID is missing where the UI is served over plain http.
function randomKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) =>
    byte.toString(16).padStart(2, "0"),
  ).join("");
}
