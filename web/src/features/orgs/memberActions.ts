import type { Member, Role } from "~/api/types";
import { forbiddenMembership, grantable, type Who } from "~/features/policy";

const LAST_OWNER = "An organization keeps at least one owner.";

function isLastOwner(member: Member, members: readonly Member[]): boolean {
  return member.role === "owner" && members.filter(({ role }) => role === "owner").length === 1;
}

/** Which roles the person may give this member; with none to choose from, why. */
export function roleChoices(
  member: Member,
  members: readonly Member[],
  who: Who,
): { roles: Role[]; refusal: string | undefined } {
  const refusal =
    forbiddenMembership("setMember", who, member.role) ??
    (isLastOwner(member, members) ? LAST_OWNER : undefined);
  return { roles: refusal ? [member.role] : grantable(who), refusal };
}

/** Why the person may not remove this member (themself: leave), or undefined. */
export function removalRefusal(member: Member, members: readonly Member[], who: Who): string | undefined {
  return (
    forbiddenMembership("removeMember", who, member.role, member.user.id) ??
    (isLastOwner(member, members) ? LAST_OWNER : undefined)
  );
}

/** Who can take over the workspaces of a member who goes: whoever could have made them. */
export function heirs(leaving: Member, members: readonly Member[]): Member[] {
  return members.filter(({ user, role }) => user.id !== leaving.user.id && role !== "viewer");
}
