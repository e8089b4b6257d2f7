import { describe, expect, it } from "vitest";
import { scopeSummary, scopesFor } from "./scopes";

describe("scopes", () => {
  it("offers the platform's to its administrators only", () => {
    expect(scopesFor(false)).not.toContain("platform");
    expect(scopesFor(true)).toContain("platform");
  });

  it("sums up what a token may write, in one order however it was asked for", () => {
    expect(scopeSummary(["read"])).toBe("reads only");
    expect(scopeSummary(["templates", "workspaces"])).toBe("writes workspaces, templates");
    expect(scopeSummary(["read", "account"])).toBe("writes your account");
  });
});
