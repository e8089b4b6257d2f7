import { describe, expect, it } from "vitest";
import type { Role } from "~/api/types";
import { forbidden, forbiddenMembership, grantable, type Right, roles, type Who } from "./policy";

const as = (role: Role | undefined, platformAdmin = false): Who => ({ userId: "me", role, platformAdmin });

const rights: Right[] = [
  "createWorkspace",
  "readWorkspaceVariables",
  "operateWorkspace",
  "enterWorkspace",
  "destroyWorkspace",
  "writeTemplates",
  "readOrgVariables",
  "writeOrgVariables",
  "removeMember",
  "setMember",
  "invite",
  "renameOrg",
  "readAudit",
  "changeSlug",
  "deleteOrg",
  "writeQuota",
  "manageUsers",
];

describe("forbidden", () => {
  it("gives a higher role everything a lower one has", () => {
    for (const right of rights) {
      const allowed = roles.map((role) => forbidden(right, as(role)) === undefined);
      expect(allowed.toSorted(), right).toEqual(allowed);
    }
  });

  it("gives a stranger nothing, and a platform admin everything", () => {
    for (const right of rights) {
      expect(forbidden(right, as(undefined)), right).toBeDefined();
      expect(forbidden(right, as(undefined, true)), right).toBeUndefined();
    }
  });

  it("lets a viewer leave and do nothing else", () => {
    const allowed = rights.filter((right) => !forbidden(right, as("viewer"), "me"));
    expect(allowed).toEqual(["removeMember"]);
  });

  it("keeps the slug and the end of an organization to its owners, quotas to the platform", () => {
    expect(forbidden("changeSlug", as("admin"))).toBe("Only owners of this organization may do this.");
    expect(forbidden("deleteOrg", as("owner"))).toBeUndefined();
    expect(forbidden("writeQuota", as("owner"))).toBe("Only administrators of the platform may do this.");
  });
});

describe("forbiddenMembership", () => {
  it("touches no role above one's own", () => {
    expect(forbiddenMembership("setMember", as("admin"), "admin")).toBeUndefined();
    expect(forbiddenMembership("setMember", as("admin"), "owner")).toBe(
      "Only owners may touch the role owner.",
    );
    expect(forbiddenMembership("removeMember", as("admin"), "owner")).toBeDefined();
    expect(forbiddenMembership("removeMember", as("owner"), "owner")).toBeUndefined();
    expect(forbiddenMembership("setMember", as(undefined, true), "owner")).toBeUndefined();
  });
});

describe("grantable", () => {
  it.each([
    ["viewer", []],
    ["developer", []],
    ["admin", ["viewer", "developer", "admin"]],
    ["owner", ["viewer", "developer", "admin", "owner"]],
  ] as const)("lets a %s give %j", (role, given) => expect(grantable(as(role))).toEqual(given));
});
