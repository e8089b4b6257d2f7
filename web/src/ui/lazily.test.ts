import { afterEach, describe, expect, it, vi } from "vitest";
import { lazily } from "./lazily";

describe("lazily", () => {
  afterEach(() => vi.useRealTimers());

  async function outcomeOf(failures: number) {
    vi.useFakeTimers();
    const load = vi.fn(async () => {
      if (load.mock.calls.length <= failures)
        throw new TypeError("Failed to fetch dynamically imported module");
      return "the page";
    });
    const outcome = lazily(load)().catch((error: Error) => error.name);
    await vi.runAllTimersAsync();
    return [load.mock.calls.length, await outcome];
  }

  it("loads again what could not be loaded for a moment", async () => {
    expect(await outcomeOf(0)).toEqual([1, "the page"]);
    expect(await outcomeOf(2)).toEqual([3, "the page"]);
  });

  it("gives up on what stays away", async () => {
    expect(await outcomeOf(3)).toEqual([3, "TypeError"]);
  });
});
