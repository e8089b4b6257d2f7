import type { Quota, Usage } from "~/api/types";
import { bytes, cores } from "~/ui/format";

export type Measure = keyof Quota;

interface MeasureFacts {
  name: Measure;
  label: string;
  /** What a person types for one, and how many of the API's units that is. */
  unit: string;
  size: number;
  format(amount: number): string;
}

const GIB = 1024 ** 3;

export const measures: readonly MeasureFacts[] = [
  { name: "workspaces", label: "Workspaces", unit: "", size: 1, format: String },
  { name: "running_workspaces", label: "Running workspaces", unit: "", size: 1, format: String },
  { name: "cpu_millis", label: "CPU", unit: "cores", size: 1000, format: wholeCores },
  { name: "memory_bytes", label: "Memory", unit: "GiB", size: GIB, format: bytes },
  { name: "disk_bytes", label: "Disk", unit: "GiB", size: GIB, format: bytes },
];

function wholeCores(millis: number): string {
  return millis === 0 ? "0 cores" : millis % 1000 === 0 ? `${millis / 1000} cores` : cores(millis);
}

export type QuotaDraft = Record<Measure, string>;

/** The limits as text for a form; an empty one is none. */
export function draftOfUsage(usage: Usage): QuotaDraft {
  const entries = measures.map(({ name, size }) => {
    const limit = usage[name].limit;
    return [name, limit === null ? "" : String(Number((limit / size).toFixed(3)))];
  });
  return Object.fromEntries(entries);
}

export function limitProblem(text: string, whole: boolean): string | undefined {
  if (text.trim() === "") return undefined;
  const amount = Number(text);
  if (!Number.isFinite(amount) || amount < 0) return "A number, or nothing for no limit.";
  return whole && !Number.isInteger(amount) ? "A whole number." : undefined;
}

/** The draft in the API's units, or undefined while something in it is wrong. */
export function quotaOf(draft: QuotaDraft): Quota | undefined {
  if (measures.some(({ name, size }) => limitProblem(draft[name], size === 1))) return undefined;
  const entries = measures.map(({ name, size }) => {
    const text = draft[name].trim();
    return [name, text === "" ? null : Math.round(Number(text) * size)];
  });
  return Object.fromEntries(entries);
}
