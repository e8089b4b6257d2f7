/**
 * Tokens of mailed links come in the fragment, which no server sees. They are kept here, in memory only, as soon as
 * the page knows its address, and the address is shown without them: neither history nor a screenshot has them.
 */
const kept = new Map<string, string>();

/** The token in `hash` now belongs to `page`. True when there was one, and the address has to go. */
export function keepLinkToken(page: string, hash: string): boolean {
  const token = new URLSearchParams(hash).get("token");
  if (token) kept.set(page, token);
  return token !== null;
}

export function linkToken(page: string): string | undefined {
  return kept.get(page);
}

/** It was used, or will not be. */
export function dropLinkToken(page: string) {
  kept.delete(page);
}
