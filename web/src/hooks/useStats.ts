import { useEffect, useState } from "react";
import { followStream, type StreamState } from "~/api/stream";
import type { ComponentStats } from "~/api/types";
import { statsPath } from "~/api/workspaces";
import { type Sample, type Series, sampleOf } from "./statistics";

export const KEPT_SAMPLES = 60;

/** The last minute of what each component uses. */
export function useStats(workspaceId: string): { series: Series; state: StreamState; error: unknown } {
  const [series, setSeries] = useState<Series>(new Map());
  const [state, setState] = useState<StreamState>("connecting");
  const [error, setError] = useState<unknown>(null);

  useEffect(() => {
    const leave = new AbortController();
    const latest = new Map<string, ComponentStats>();
    setSeries(new Map());
    followStream({
      path: statsPath(workspaceId),
      signal: leave.signal,
      onMessage(_type, data) {
        const stats = JSON.parse(data) as ComponentStats;
        const sample = sampleOf(stats, latest.get(stats.component));
        latest.set(stats.component, stats);
        setSeries((old) => append(old, stats.component, sample));
      },
      onState: setState,
    }).catch(setError);
    return () => leave.abort();
  }, [workspaceId]);
  return { series, state, error };
}

function append(series: Series, component: string, sample: Sample): Series {
  const known = series.get(component) ?? [];
  return new Map(series).set(component, [...known, sample].slice(-KEPT_SAMPLES));
}
