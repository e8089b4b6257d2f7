import type { Role } from "~/api/types";

export const roleWords: Record<Role, { label: string; hint: string }> = {
  viewer: { label: "Viewer", hint: "Sees workspaces and templates" },
  developer: { label: "Developer", hint: "Has workspaces of their own" },
  admin: { label: "Admin", hint: "Runs members, templates and all workspaces" },
  owner: { label: "Owner", hint: "Everything, up to deleting the organization" },
};

export function roleOptions(roles: readonly Role[]): { value: Role; label: string; hint: string }[] {
  return roles.map((value) => ({ value, ...roleWords[value] }));
}
