import { describe, expect, it } from "vitest";
import { expiresAt, expiryState } from "./expiry";

const now = Date.parse("2026-01-10T12:00:00Z");

describe("expiresAt", () => {
  it.each([
    ["7", "2026-01-17T12:00:00.000Z"],
    ["30", "2026-02-09T12:00:00.000Z"],
    ["365", "2027-01-10T12:00:00.000Z"],
    ["never", null],
  ] as const)("%s", (choice, at) => expect(expiresAt(choice, now)).toBe(at));
});

describe("expiryState", () => {
  it.each([
    [null, "never"],
    ["2026-01-10T12:00:00Z", "expired"],
    ["2026-01-10T12:00:01Z", "soon"],
    ["2026-01-17T11:59:59Z", "soon"],
    ["2026-01-17T12:00:00Z", "later"],
  ] as const)("%s is %s", (at, state) => expect(expiryState(at, now)).toBe(state));
});
