import { describe, expect, it } from "vitest";
import { niceCeiling } from "./Chart";

describe("niceCeiling", () => {
  it.each([
    [1, 1],
    [1.2, 2],
    [37, 50],
    [99, 100],
    [100, 100],
    [512_000, 1_000_000],
  ])("puts %d under %d", (value, ceiling) => expect(niceCeiling(value)).toBe(ceiling));
});
