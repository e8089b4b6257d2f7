import { describe, expect, it } from "vitest";
import { changesIn } from "./changes";
import { filterOf, isFiltered } from "./filter";
import { actionWords } from "./words";

describe("actionWords", () => {
  it.each([
    ["workspace.create", "created workspace"],
    ["session.open", "signed in"],
    ["ssh_key.add", "added SSH key"],
    ["org.variable.set", "set a variable of"],
    ["workspace.route.add", "added a route of"],
    ["workspace.domain.verify", "verified a domain of"],
    ["workspace.domain.lose", "lost a domain of"],
    ["org.retention", "organization: retention"],
    ["user.password_reset", "set a new password for"],
    ["user.reset_link", "user: reset link"],
    ["odd", "odd"],
  ])("says %s as %s", (action, words) => expect(actionWords(action)).toBe(words));
});

describe("changesIn", () => {
  it("pairs what was with what is", () => {
    expect(changesIn({ before: { role: "viewer" }, after: { role: "admin" } })).toEqual([
      { name: "role", before: "viewer", after: "admin" },
    ]);
  });

  it("tells what came from what went", () => {
    expect(changesIn({ before: null, after: { parameters: { size: "m" }, version: 3 } })).toEqual([
      { name: "parameters.size", before: null, after: "m" },
      { name: "version", before: null, after: "3" },
    ]);
    expect(changesIn({ before: { tags: ["a"] }, after: null })).toEqual([
      { name: "tags", before: '["a"]', after: null },
    ]);
  });

  it("reads pairs name by name, and leaves out what stayed", () => {
    expect(changesIn({ role: { before: "viewer", after: "admin" }, by: "invitation" })).toEqual([
      { name: "role", before: "viewer", after: "admin" },
      { name: "by", before: null, after: "invitation" },
    ]);
    expect(changesIn({ before: { a: 1, b: 2 }, after: { a: 1, b: 3 } })).toEqual([
      { name: "b", before: "2", after: "3" },
    ]);
    expect(changesIn({ entries: 4, before: "2026-01-01" })).toEqual([
      { name: "entries", before: null, after: "4" },
      { name: "before", before: null, after: "2026-01-01" },
    ]);
  });

  it("takes bare facts as what came to be, and nothing from what is no tree", () => {
    expect(changesIn({ reason: "code" })).toEqual([{ name: "reason", before: null, after: "code" }]);
    for (const detail of [null, "text", 3, [], {}]) expect(changesIn(detail)).toEqual([]);
  });
});

describe("filterOf", () => {
  it("counts the last day in", () => {
    const filter = filterOf({ from: "2026-01-10", to: "2026-01-31" });
    expect(filter.from).toBe(new Date(2026, 0, 10).toISOString());
    expect(filter.to).toBe(new Date(2026, 1, 1).toISOString());
  });

  it("leaves out what is not asked, and days that are none", () => {
    expect(filterOf({ q: "", from: "soon" })).toEqual({});
    expect(isFiltered({ q: "" })).toBe(false);
    expect(isFiltered({ user: "u1" })).toBe(true);
  });
});
