import type { DeploymentKind, DeploymentStatus, DeploymentStep } from "~/api/types";
import type { Tone } from "~/features/workspaces/status";

export const kindWords: Record<DeploymentKind, string> = {
  create: "Create",
  start: "Start",
  stop: "Stop",
  restart: "Restart",
  update: "Update",
  destroy: "Destroy",
  repair: "Repair",
};

export const deploymentStatus: Record<DeploymentStatus, { label: string; tone: Tone }> = {
  queued: { label: "Queued", tone: "move" },
  running: { label: "Under way", tone: "move" },
  succeeded: { label: "Succeeded", tone: "run" },
  failed: { label: "Failed", tone: "fail" },
  canceled: { label: "Canceled", tone: "rest" },
};

export const stepWords: Record<DeploymentStep["name"], string> = {
  network: "Network",
  volume: "Volumes",
  pull: "Pull image",
  build: "Build image",
  create: "Create container",
  start: "Start container",
  health: "Wait for health",
  route: "Publish routes",
  stop: "Stop container",
  remove: "Remove container",
  cleanup: "Clean up",
};

export const stepStatusWords: Record<DeploymentStep["status"], string> = {
  pending: "waiting",
  running: "under way",
  succeeded: "done",
  failed: "failed",
  skipped: "skipped",
  canceled: "canceled",
};
