import type { ComponentStats } from "~/api/types";

export interface Sample {
  time: number;
  cpuMillis: number;
  memoryBytes: number;
  memoryLimit: number | null;
  /** Bytes per second since the sample before; null for the first. */
  received: number | null;
  sent: number | null;
}

export type Series = ReadonlyMap<string, readonly Sample[]>;

export function sampleOf(stats: ComponentStats, before: ComponentStats | undefined): Sample {
  const seconds = before ? (Date.parse(stats.time) - Date.parse(before.time)) / 1000 : 0;
  // Counters begin anew when a container does; a rate is never negative.
  const rate = (now: number, then: number | undefined) =>
    then !== undefined && seconds > 0 ? Math.max(now - then, 0) / seconds : null;
  return {
    time: Date.parse(stats.time),
    cpuMillis: stats.cpu_millis,
    memoryBytes: stats.memory_bytes,
    memoryLimit: stats.memory_limit,
    received: rate(stats.network_rx, before?.network_rx),
    sent: rate(stats.network_tx, before?.network_tx),
  };
}

/** The sum over all components, newest aligned with newest. A part that is missing makes no false zero. */
export function total(series: Series): Sample[] {
  const lines = [...series.values()];
  const length = Math.min(...lines.map((line) => line.length));
  if (!Number.isFinite(length)) return [];
  return Array.from({ length }, (_, index) =>
    lines.map((line) => line[line.length - length + index] as Sample).reduce(add),
  );
}

function add(a: Sample, b: Sample): Sample {
  const both = (x: number | null, y: number | null) => (x === null || y === null ? null : x + y);
  return {
    time: Math.max(a.time, b.time),
    cpuMillis: a.cpuMillis + b.cpuMillis,
    memoryBytes: a.memoryBytes + b.memoryBytes,
    memoryLimit: both(a.memoryLimit, b.memoryLimit),
    received: both(a.received, b.received),
    sent: both(a.sent, b.sent),
  };
}
