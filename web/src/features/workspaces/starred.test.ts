import { act, renderHook } from "@testing-library/react";
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { Workspace } from "~/api/types";
import { starredFirst, useStarred } from "./starred";

const of = (userId: string) => renderHook(() => useStarred(userId));

describe("stars", () => {
  beforeEach(() => {
    localStorage.clear();
    window.dispatchEvent(new StorageEvent("storage", { key: null }));
  });

  it("are put on and taken off, and outlive the page", () => {
    const { result } = of("ada");
    act(() => result.current[1]("w1"));
    act(() => result.current[1]("w2"));
    act(() => result.current[1]("w1"));
    expect(result.current[0]).toEqual(["w2"]);
    expect(JSON.parse(localStorage.getItem("starred:ada") ?? "")).toEqual(["w2"]);
  });

  it("are each person's own", () => {
    const { result } = of("ada");
    act(() => result.current[1]("w1"));
    expect(of("grace").result.current[0]).toEqual([]);
  });

  it("follow what another tab does", () => {
    const { result } = of("ada");
    expect(result.current[0]).toEqual([]);
    localStorage.setItem("starred:ada", '["w9"]');
    act(() => void window.dispatchEvent(new StorageEvent("storage", { key: "starred:ada" })));
    expect(result.current[0]).toEqual(["w9"]);
  });

  it("survive a storage that holds nonsense, or none", () => {
    localStorage.setItem("starred:ada", "{");
    expect(of("ada").result.current[0]).toEqual([]);
    const { result } = of("grace");
    vi.spyOn(localStorage, "setItem").mockImplementation(() => {
      throw new DOMException("blocked", "SecurityError");
    });
    act(() => result.current[1]("w1"));
    expect(result.current[0]).toEqual(["w1"]);
  });

  it("are at most a hundred", () => {
    const { result } = of("ada");
    act(() => {
      for (let n = 0; n <= 100; n += 1) result.current[1](`w${n}`);
    });
    expect(result.current[0]).toHaveLength(100);
    expect(result.current[0]).not.toContain("w0");
  });
});

describe("starredFirst", () => {
  it("keeps the order otherwise", () => {
    const list = ["a", "b", "c", "d"].map((id) => ({ id }) as Workspace);
    expect(starredFirst(list, ["d", "b", "gone"]).map(({ id }) => id)).toEqual(["b", "d", "a", "c"]);
  });
});
