import type { ListedUser } from "~/api/types";

export type UserAction = "resetLink" | "suspend" | "promote" | "demote" | "delete";

/** Why an administrator may not do this to a user, or undefined. Nobody locks themself out. */
export function userRefusal(action: UserAction, user: ListedUser, myself: string): string | undefined {
  const self = user.id === myself;
  if (action === "suspend" && self) return "You would lock yourself out.";
  if (action === "delete" && self) return "Another administrator has to do this.";
  if (action === "demote" && self) return "Another administrator has to do this.";
  if (action === "promote" && user.suspended) return "The account is suspended.";
  return undefined;
}
