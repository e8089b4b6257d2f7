import { describe, expect, it } from "vitest";
import { ownAddress } from ".";

describe("ownAddress", () => {
  it("keeps a path with its query", () => {
    expect(ownAddress("/workspaces/1?tab=logs")).toBe("/workspaces/1?tab=logs");
  });

  it.each([
    "//evil.example",
    "/\\evil.example",
    "https://evil.example",
    "javascript:alert(1)",
    "",
    undefined,
  ])("sends %s home", (candidate) => {
    expect(ownAddress(candidate)).toBe("/");
  });
});
