import type { Scope } from "~/api/types";

/** What each scope lets a token do. Every one but the first writes, and reads what it writes. */
export const scopeWords: Record<Scope, { label: string; hint: string }> = {
  read: { label: "Read everything", hint: "Whatever you may see, and nothing more." },
  workspaces: { label: "Workspaces", hint: "Create, start, stop, update and destroy." },
  templates: { label: "Templates", hint: "Write templates and publish versions." },
  orgs: { label: "Organizations", hint: "Members, invitations, variables, settings." },
  account: { label: "Your account", hint: "Profile, keys, variables, other tokens." },
  platform: { label: "Platform", hint: "Users, quotas, hosts, the catalog." },
};

export const scopeOrder = Object.keys(scopeWords) as Scope[];

/** Those that a person can use at all. */
export function scopesFor(platformAdmin: boolean): Scope[] {
  return scopeOrder.filter((scope) => scope !== "platform" || platformAdmin);
}

/** In a line: "read only", or what it writes. */
export function scopeSummary(scopes: readonly Scope[]): string {
  const writes = scopeOrder.filter((scope) => scope !== "read" && scopes.includes(scope));
  if (writes.length === 0) return "reads only";
  return `writes ${writes.map((scope) => scopeWords[scope].label.toLowerCase()).join(", ")}`;
}
