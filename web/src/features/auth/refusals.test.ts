import { describe, expect, it } from "vitest";
import { ApiProblem } from "~/api/problem";
import { providerRefusal, signInRefusal } from "./refusals";

describe("providerRefusal", () => {
  it("says known codes in words, without the code", () => {
    expect(providerRefusal("email_not_verified").text).toContain("Verify it there");
    expect(providerRefusal("email_not_verified").text).not.toContain("email_not_verified");
  });

  it("names a code it does not know, and no more of it than a line", () => {
    expect(providerRefusal("weird").text).toContain("(weird)");
    expect(providerRefusal("x".repeat(500)).text.length).toBeLessThan(120);
  });

  it("calls a suspension by its name", () => {
    expect(providerRefusal("account_suspended").title).toBe("This account is suspended");
    const problem = new ApiProblem({ status: 403, title: "Forbidden", code: "account_suspended" });
    expect(signInRefusal(problem).title).toBe("This account is suspended");
  });
});
