import { describe, expect, it } from "vitest";
import { isWholeUserCode, userCode } from "./userCode";

describe("userCode", () => {
  it.each([
    ["wdjbmjht", "WDJB-MJHT"],
    ["WDJB-MJHT", "WDJB-MJHT"],
    [" wdjb mjht ", "WDJB-MJHT"],
    ["wdj", "WDJ"],
    ["wdjb", "WDJB"],
    ["wdjb-", "WDJB"],
    ["wdjbm", "WDJB-M"],
    ["wdjbmjhtxyz", "WDJB-MJHT"],
  ])("reads %j as %s", (typed, code) => expect(userCode(typed)).toBe(code));

  it("knows when it is whole", () => {
    expect(isWholeUserCode("WDJB-MJH")).toBe(false);
    expect(isWholeUserCode("WDJB-MJHT")).toBe(true);
  });
});
