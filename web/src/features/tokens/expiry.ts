export const expiryChoices = [
  { value: "7", label: "7 days" },
  { value: "30", label: "30 days" },
  { value: "90", label: "90 days" },
  { value: "365", label: "One year" },
  { value: "never", label: "Never" },
] as const;

export type Expiry = (typeof expiryChoices)[number]["value"];

const DAY = 86_400_000;
const SOON = 7 * DAY;

/** When a token made now would end; null: it does not. */
export function expiresAt(expiry: Expiry, now: number): string | null {
  return expiry === "never" ? null : new Date(now + Number(expiry) * DAY).toISOString();
}

export function expiryState(at: string | null, now: number): "never" | "expired" | "soon" | "later" {
  if (at === null) return "never";
  const left = Date.parse(at) - now;
  if (left <= 0) return "expired";
  return left < SOON ? "soon" : "later";
}
