import { describe, expect, it } from "vitest";
import type { ListedUser } from "~/api/types";
import { userRefusal } from "./userActions";

const user = (facts: Partial<ListedUser>): ListedUser => ({
  id: "u1",
  username: "dev-1",
  email: "dev-1@example.org",
  display_name: "",
  platform_admin: false,
  suspended: false,
  created_at: "2026-01-01T00:00:00Z",
  last_seen_at: null,
  totp_enabled: false,
  has_password: true,
  organizations: 0,
  ...facts,
});

describe("userRefusal", () => {
  it("lets nobody lock themself out, and nothing else in the way", () => {
    for (const action of ["suspend", "demote", "delete"] as const) {
      expect(userRefusal(action, user({}), "u1"), action).toBeDefined();
      expect(userRefusal(action, user({}), "u2"), action).toBeUndefined();
    }
    expect(userRefusal("resetLink", user({}), "u1")).toBeUndefined();
  });

  it("makes nobody an administrator who may not come in", () => {
    expect(userRefusal("promote", user({ suspended: true }), "u2")).toBe("The account is suspended.");
    expect(userRefusal("promote", user({}), "u2")).toBeUndefined();
  });
});
