import { describe, expect, it } from "vitest";
import type { Member, Role } from "~/api/types";
import type { Who } from "~/features/policy";
import { heirs, removalRefusal, roleChoices } from "./memberActions";

const member = (id: string, role: Role): Member => ({
  user: { id, username: id, display_name: "", email: `${id}@example.org` },
  role,
  workspaces: 0,
  joined_at: "2026-01-01T00:00:00Z",
});
const as = (userId: string, role: Role | undefined, platformAdmin = false): Who => ({
  userId,
  role,
  platformAdmin,
});

const owner = member("o", "owner");
const admin = member("a", "admin");
const developer = member("d", "developer");
const viewer = member("v", "viewer");
const everybody = [owner, admin, developer, viewer];

describe("roleChoices", () => {
  it("lets an admin give up to admin, and touch no owner", () => {
    expect(roleChoices(developer, everybody, as("a", "admin")).roles).toEqual([
      "viewer",
      "developer",
      "admin",
    ]);
    expect(roleChoices(owner, everybody, as("a", "admin"))).toEqual({
      roles: ["owner"],
      refusal: "Only owners may touch the role owner.",
    });
  });

  it("keeps the last owner, whoever asks", () => {
    expect(roleChoices(owner, everybody, as("o", "owner")).refusal).toContain("at least one owner");
    expect(roleChoices(owner, everybody, as("x", undefined, true)).refusal).toContain("at least one owner");
    expect(
      roleChoices(owner, [...everybody, member("o2", "owner")], as("o", "owner")).refusal,
    ).toBeUndefined();
  });

  it("lets a developer change nobody", () => {
    expect(roleChoices(viewer, everybody, as("d", "developer")).refusal).toContain("admins and owners");
  });
});

describe("removalRefusal", () => {
  it("lets everybody leave but the last owner", () => {
    expect(removalRefusal(viewer, everybody, as("v", "viewer"))).toBeUndefined();
    expect(removalRefusal(owner, everybody, as("o", "owner"))).toContain("at least one owner");
  });

  it("lets nobody remove somebody above them", () => {
    expect(removalRefusal(owner, everybody, as("a", "admin"))).toBeDefined();
    expect(removalRefusal(viewer, everybody, as("d", "developer"))).toBeDefined();
    expect(removalRefusal(developer, everybody, as("a", "admin"))).toBeUndefined();
  });
});

describe("heirs", () => {
  it("are those who may have workspaces, and not the one who goes", () => {
    expect(heirs(developer, everybody).map(({ user }) => user.id)).toEqual(["o", "a"]);
  });
});
