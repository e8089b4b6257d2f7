import { describe, expect, it } from "vitest";
import { variableNameProblem } from "./variableName";

describe("variableNameProblem", () => {
  it.each(["A", "_x", "HTTP_PROXY", "npm_config_cache", "A1", "PATHS", "OLD_PWD", "LDAP_URL"])(
    "accepts %s",
    (name) => expect(variableNameProblem(name)).toBeUndefined(),
  );

  it.each([
    ["", "needed"],
    ["1A", "digit"],
    ["A-B", "underscores"],
    ["A B", "underscores"],
    ["A=1", "underscores"],
    ["Ä", "underscores"],
    ["A".repeat(129), "129"],
    ["PATH", "reserved"],
    ["LD_PRELOAD", "reserved"],
    ["DEVSANCTUM_X", "reserved"],
  ])("refuses %j", (name, said) => expect(variableNameProblem(name)).toContain(said));
});
