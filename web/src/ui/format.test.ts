import { describe, expect, it } from "vitest";
import { bytes, cores, duration, relativeTime } from "./format";

describe("format", () => {
  it.each([
    [0, "0 ms"],
    [999, "999 ms"],
    [3240, "3.2 s"],
    [125_000, "2 min 05 s"],
    [12_000_000, "3 h 20 min"],
  ])("says a duration of %d ms as %s", (ms, said) => expect(duration(ms)).toBe(said));

  it.each([
    [0, "0 B"],
    [1023, "1023 B"],
    [1536, "1.5 KiB"],
    [512 * 1024 ** 2, "512 MiB"],
    [2.25 * 1024 ** 3, "2.3 GiB"],
  ])("says %d bytes as %s", (count, said) => expect(bytes(count)).toBe(said));

  it.each([
    [12, "12m"],
    [1250, "1.25 cores"],
  ])("says %d millicores as %s", (millis, said) => expect(cores(millis)).toBe(said));

  it("counts whole units towards the past and the future", () => {
    const now = Date.parse("2026-01-10T12:00:00Z");
    expect(relativeTime("2026-01-10T11:59:40Z", now)).toBe("just now");
    expect(relativeTime("2026-01-10T10:01:00Z", now)).toBe("1 hour ago");
    expect(relativeTime("2026-01-12T13:00:00Z", now)).toBe("in 2 days");
  });
});
