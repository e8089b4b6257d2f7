import { describe, expect, it } from "vitest";
import type { ComponentStats } from "~/api/types";
import { sampleOf, total } from "./statistics";

function stats(second: number, rx: number): ComponentStats {
  return {
    component: "web",
    time: new Date(second * 1000).toISOString(),
    cpu_millis: 100,
    memory_bytes: 1000,
    memory_limit: 4000,
    network_rx: rx,
    network_tx: 0,
    disk_bytes: null,
    pids: 1,
  };
}

describe("sampleOf", () => {
  it("knows no rate before the second sample", () => {
    expect(sampleOf(stats(1, 500), undefined).received).toBeNull();
    expect(sampleOf(stats(3, 900), stats(1, 500)).received).toBe(200);
  });

  it("does not go below zero when a container begins anew", () => {
    expect(sampleOf(stats(2, 10), stats(1, 500)).received).toBe(0);
  });
});

describe("total", () => {
  it("adds the newest samples to each other", () => {
    const first = sampleOf(stats(1, 0), undefined);
    const second = sampleOf(stats(2, 100), stats(1, 0));
    const sum = total(
      new Map([
        ["web", [first, second]],
        ["api", [second]],
      ]),
    );
    expect(sum).toHaveLength(1);
    expect(sum[0]).toMatchObject({ cpuMillis: 200, memoryBytes: 2000, memoryLimit: 8000, received: 200 });
  });

  it("is nothing without components", () => expect(total(new Map())).toEqual([]));
});
