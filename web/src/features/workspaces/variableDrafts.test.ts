import { describe, expect, it } from "vitest";
import { draftProblem, type VariableDraft, variablesOf } from "./variableDrafts";

const draft = (name: string, value = "", key = 0): VariableDraft => ({ key, name, value });

describe("variables that are made along with a workspace", () => {
  it("leaves out lines that nothing was written into", () => {
    expect(variablesOf([draft("A", "1"), draft(""), draft("B")])).toEqual({ A: "1", B: "" });
    expect(draftProblem(draft(""), [draft("")])).toBeUndefined();
  });

  it("asks for a name where there is a value", () => {
    expect(draftProblem(draft("", "1"), [])).toBe("A name is needed.");
  });

  it("says at the second of two that its name is taken", () => {
    const all = [draft("A", "1", 1), draft("A", "2", 2)];
    expect(all.map((each) => draftProblem(each, all))).toEqual([
      undefined,
      "A variable of this name is there already.",
    ]);
  });
});
