import { randomBytes } from "node:crypto";

export const org = { id: id(), slug: "engineering", name: "Engineering", role: "owner" as const };

export function id(): string {
  const hex = randomBytes(16).toString("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-7${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20)}`;
}

export function ago(minutes: number): string {
  return new Date(Date.now() - minutes * 60_000).toISOString();
}

export function now(): string {
  return new Date().toISOString();
}
