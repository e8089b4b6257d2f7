import type { Component, WorkspaceStatus } from "~/api/types";

export type Tone = "run" | "move" | "rest" | "fail" | "warn";

interface StatusFacts {
  label: string;
  tone: Tone;
}

export const workspaceStatus: Record<WorkspaceStatus, StatusFacts> = {
  pending: { label: "Pending", tone: "move" },
  provisioning: { label: "Provisioning", tone: "move" },
  running: { label: "Running", tone: "run" },
  stopping: { label: "Stopping", tone: "move" },
  stopped: { label: "Stopped", tone: "rest" },
  failed: { label: "Failed", tone: "fail" },
  destroying: { label: "Destroying", tone: "move" },
  destroyed: { label: "Destroyed", tone: "rest" },
  unknown: { label: "Unknown", tone: "warn" },
};

/** One word for a component: its health where it has one, else what its container does. */
export function componentStatus(component: Component): StatusFacts {
  const { status, health, exit_code } = component;
  if (status === "running") {
    if (health === "unhealthy") return { label: "Unhealthy", tone: "fail" };
    if (health === "starting") return { label: "Checking health", tone: "move" };
    return { label: health === "healthy" ? "Healthy" : "Running", tone: "run" };
  }
  if (status === "exited")
    return { label: `Exited with ${exit_code ?? "?"}`, tone: exit_code ? "fail" : "rest" };
  if (status === "creating" || status === "starting") return { label: "Starting", tone: "move" };
  if (status === "restarting") return { label: "Restarting", tone: "warn" };
  if (status === "completed") return { label: "Completed", tone: "run" };
  if (status === "missing") return { label: "Not created", tone: "rest" };
  return status === "stopped" ? { label: "Stopped", tone: "rest" } : { label: "Unknown", tone: "warn" };
}
