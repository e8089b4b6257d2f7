import { describe, expect, it } from "vitest";
import { nameProblem, suggestName } from "./naming";

describe("nameProblem", () => {
  it.each(["a", "quiet-harbor", "a1", "x".repeat(32)])("accepts %s", (name) => {
    expect(nameProblem(name)).toBeUndefined();
  });

  it.each([
    ["", "needed"],
    ["x".repeat(33), "33"],
    ["Shop", "Lower case"],
    ["café", "a to z"],
    ["../etc", "a to z"],
    ["-shop", "begins"],
    ["1shop", "begins"],
    ["shop-", "end with"],
    ["my--shop", "in a row"],
  ])("refuses %j", (name, said) => {
    expect(nameProblem(name)).toContain(said);
  });
});

describe("suggestName", () => {
  it("always suggests an acceptable name", () => {
    for (let share = 0; share < 1; share += 0.01)
      expect(nameProblem(suggestName(new Set(), () => share))).toBeUndefined();
  });

  it("never suggests a name that is taken, however many are", () => {
    const taken = new Set<string>();
    for (let n = 0; n < 900; n += 1) {
      const name = suggestName(taken, () => 0.37);
      expect(taken.has(name)).toBe(false);
      expect(nameProblem(name)).toBeUndefined();
      taken.add(name);
    }
  });
});
