import { describe, expect, it } from "vitest";
import { dropLinkToken, keepLinkToken, linkToken } from "./linkToken";

describe("linkToken", () => {
  it("keeps the token of a fragment until it is dropped, for its page only", () => {
    expect(keepLinkToken("/reset-password", "token=a_b-c")).toBe(true);
    expect(linkToken("/reset-password")).toBe("a_b-c");
    expect(linkToken("/invitations")).toBeUndefined();
    dropLinkToken("/reset-password");
    expect(linkToken("/reset-password")).toBeUndefined();
  });

  it("does not lose the token when the address comes again without it", () => {
    keepLinkToken("/invitations", "token=first");
    expect(keepLinkToken("/invitations", "")).toBe(false);
    expect(linkToken("/invitations")).toBe("first");
  });
});
