import { describe, expect, it } from "vitest";
import { slugFor, slugProblem } from "./slug";

describe("slugFor", () => {
  it.each([
    ["Platform Team", "platform-team"],
    ["  R&D / Labs  ", "r-d-labs"],
    ["Ärzte & Söhne", "arzte-sohne"],
    ["2nd Team", "nd-team"],
    ["日本", ""],
    [`${"x".repeat(31)} y`, "x".repeat(31)],
  ])("makes of %j %j", (name, slug) => {
    expect(slugFor(name)).toBe(slug);
    if (slug) expect(slugProblem(slug)).toBeUndefined();
  });
});

describe("slugProblem", () => {
  it.each(["", "A", "1a", "a-", "a--b", "a_b", "x".repeat(33)])("refuses %j", (slug) =>
    expect(slugProblem(slug)).toBeDefined(),
  );
});
