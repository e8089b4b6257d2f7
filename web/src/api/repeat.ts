/** How long to wait before each further try. */
const PAUSES_MS = [200, 600, 1500];

/** By RFC 9110, 9.2.2. What only reads is repeated by the query cache and by the streams, which also say so. */
const REPEATABLE = new Set(["PUT", "DELETE"]);

/** Whether a change whose answer never came may be asked for again: by its method, or because the server knows its key. */
function isRepeatable(request: Request): boolean {
  return REPEATABLE.has(request.method) || request.headers.has("idempotency-key");
}

/**
 * Fetch for which a moment without a network is no failure. They are not rare: on Linux, Chrome fails requests that wait
 * for a connection whenever an interface comes or goes (ERR_NETWORK_CHANGED), which Docker's do with every workspace.
 */
export async function fetchPatiently(
  request: Request,
  repeatable = isRepeatable(request),
): Promise<Response> {
  for (const pause of repeatable ? PAUSES_MS : []) {
    try {
      return await fetch(request.clone());
    } catch (cause) {
      if (request.signal.aborted) throw cause;
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }
  return await fetch(request);
}
