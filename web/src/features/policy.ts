import type { Role } from "~/api/types";

/** The signed-in person, as a member of the organization in question. */
export interface Who {
  userId: string;
  role: Role | undefined;
  platformAdmin: boolean;
}

/** What a right asks for at least: a role, one role for what is one's own and another for the rest, or the platform's. */
type Least = Role | { own: Role; others: Role } | "platform";

/**
 * Who may do what: a mirror of src/domain/policy.rs, so that a control can say beforehand why not.
 * The server decides.
 */
const least = {
  createWorkspace: "developer",
  readWorkspaceVariables: { own: "developer", others: "admin" },
  operateWorkspace: { own: "developer", others: "admin" },
  enterWorkspace: { own: "developer", others: "admin" },
  destroyWorkspace: { own: "developer", others: "admin" },
  writeTemplates: "admin",
  readOrgVariables: "developer",
  writeOrgVariables: "admin",
  /** Of oneself, it is leaving. */
  removeMember: { own: "viewer", others: "admin" },
  setMember: "admin",
  invite: "admin",
  renameOrg: "admin",
  readAudit: "admin",
  changeSlug: "owner",
  deleteOrg: "owner",
  writeQuota: "platform",
  manageUsers: "platform",
} as const satisfies Record<string, Least>;

export type Right = keyof typeof least;

/** From the least to the most. */
export const roles = ["viewer", "developer", "admin", "owner"] as const satisfies readonly Role[];

function rank(role: Role): number {
  return roles.indexOf(role);
}

const people: Record<Role, string> = {
  viewer: "members",
  developer: "developers, admins and owners",
  admin: "admins and owners",
  owner: "owners",
};

/** Why the person may not, or undefined when they may. */
export function forbidden(right: Right, who: Who, ownerId?: string): string | undefined {
  if (who.platformAdmin) return undefined;
  const needed: Least = least[right];
  if (needed === "platform") return "Only administrators of the platform may do this.";
  const role = typeof needed === "string" ? needed : ownerId === who.userId ? needed.own : needed.others;
  if (who.role && rank(who.role) >= rank(role)) return undefined;
  return `Only ${people[role]} of this organization may do this.`;
}

/** The same for a membership: nobody gives, takes or touches a role above their own. */
export function forbiddenMembership(
  right: "setMember" | "removeMember" | "invite",
  who: Who,
  touched: Role,
  userId?: string,
): string | undefined {
  const refusal = forbidden(right, who, userId);
  if (refusal || who.platformAdmin || (who.role && rank(touched) <= rank(who.role))) return refusal;
  return `Only ${people[touched]} may touch the role ${touched}.`;
}

/** The roles that a person may give, from the least to the most. */
export function grantable(who: Who): Role[] {
  return roles.filter((role) => !forbiddenMembership("setMember", who, role));
}
