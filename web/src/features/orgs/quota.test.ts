import { describe, expect, it } from "vitest";
import type { Usage } from "~/api/types";
import { draftOfUsage, limitProblem, quotaOf } from "./quota";

const usage: Usage = {
  workspaces: { used: 3, limit: 20 },
  running_workspaces: { used: 1, limit: 0 },
  cpu_millis: { used: 500, limit: 1500 },
  memory_bytes: { used: 0, limit: 32 * 1024 ** 3 },
  disk_bytes: { used: 0, limit: null },
};
const limits = {
  workspaces: 20,
  running_workspaces: 0,
  cpu_millis: 1500,
  memory_bytes: 34_359_738_368,
  disk_bytes: null,
};

describe("quota", () => {
  it("is what it was when nothing is changed", () => {
    const draft = draftOfUsage(usage);
    expect(draft).toEqual({
      workspaces: "20",
      running_workspaces: "0",
      cpu_millis: "1.5",
      memory_bytes: "32",
      disk_bytes: "",
    });
    expect(quotaOf(draft)).toEqual(limits);
  });

  it("tells nothing from zero", () => {
    const draft = { ...draftOfUsage(usage), workspaces: " ", disk_bytes: "0" };
    expect(quotaOf(draft)).toEqual({ ...limits, workspaces: null, disk_bytes: 0 });
  });

  it.each([
    ["-1", false],
    ["many", false],
    ["1e999", false],
    ["2.5", true],
  ])("refuses %s", (text, whole) => {
    expect(limitProblem(text, whole)).toBeDefined();
    expect(quotaOf({ ...draftOfUsage(usage), workspaces: text })).toBeUndefined();
  });
});
