import { describe, expect, it } from "vitest";
import type { Parameter } from "~/api/types";
import { draftOf, parameterProblem, valuesOf } from "./parameters";

function parameter(facts: Partial<Parameter>): Parameter {
  return {
    name: "p",
    type: "string",
    description: "",
    default: null,
    options: [],
    regex: null,
    min: null,
    max: null,
    mutable: true,
    required: false,
    ...facts,
  };
}

describe("parameterProblem", () => {
  it("asks for what is required and lets the rest be empty", () => {
    expect(parameterProblem(parameter({ required: true }), "  ")).toBe("This is needed.");
    expect(parameterProblem(parameter({}), "")).toBeUndefined();
  });

  it("keeps numbers within their bounds", () => {
    const count = parameter({ type: "number", min: 1, max: 5 });
    expect(parameterProblem(count, "0")).toBe("At least 1.");
    expect(parameterProblem(count, "6")).toBe("At most 5.");
    expect(parameterProblem(count, "two")).toBe("This is not a number.");
    expect(parameterProblem(count, "5")).toBeUndefined();
  });

  it("holds each line of a list against the pattern", () => {
    const codes = parameter({ type: "list", regex: "^[A-Z]{3}$" });
    expect(parameterProblem(codes, "EUR\nUSD\n")).toBeUndefined();
    expect(parameterProblem(codes, "EUR\nusd")).toContain("^[A-Z]{3}$");
  });

  it("leaves a pattern the browser cannot read to the server", () => {
    expect(parameterProblem(parameter({ regex: "(?P<year>\\d+" }), "x")).toBeUndefined();
  });
});

describe("valuesOf", () => {
  it("sends typed values and leaves out what is empty", () => {
    const parameters = [
      parameter({ name: "n", type: "number" }),
      parameter({ name: "on", type: "bool" }),
      parameter({ name: "codes", type: "list" }),
      parameter({ name: "empty" }),
    ];
    expect(valuesOf(parameters, { n: "7", on: false, codes: "a\n\n b ", empty: "" })).toEqual({
      n: 7,
      on: false,
      codes: ["a", "b"],
    });
  });
});

describe("draftOf", () => {
  it("begins with the template's defaults", () => {
    const parameters = [
      parameter({ name: "n", type: "number", default: 50 }),
      parameter({ name: "on", type: "bool", default: true }),
      parameter({ name: "codes", type: "list", default: ["a", "b"] }),
      parameter({ name: "free" }),
    ];
    expect(draftOf(parameters)).toEqual({ n: "50", on: true, codes: "a\nb", free: "" });
  });
});
