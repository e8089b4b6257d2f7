import type { Component, Deployment, DeploymentStep, Workspace } from "../src/api/types.ts";
import { now } from "./basics.ts";
import { makeDeployment, tell, world } from "./world.ts";

const running = new Map<string, NodeJS.Timeout>();

const settled = {
  create: "running",
  start: "running",
  restart: "running",
  update: "running",
  stop: "stopped",
  destroy: "destroyed",
} as const;
const moving = {
  create: "provisioning",
  start: "provisioning",
  restart: "provisioning",
  update: "provisioning",
  stop: "stopping",
  destroy: "destroying",
} as const;

type Kind = keyof typeof settled;

/** Walks a deployment through its steps. A workspace whose name begins with "fail" fails at its second pull. */
export function begin(workspace: Workspace, kind: Kind): Deployment {
  stopClock(workspace.id);
  const deployment = makeDeployment(workspace, kind);
  deployment.status = "running";
  workspace.status = moving[kind];
  workspace.status_reason = null;
  touch(workspace, deployment);
  running.set(
    workspace.id,
    setTimeout(() => tick(workspace, deployment, kind), 300),
  );
  return deployment;
}

export function cancel(workspace: Workspace) {
  stopClock(workspace.id);
  const deployment = workspace.deployment && world.deployments.get(workspace.deployment.id);
  if (!deployment || deployment.finished_at) return;
  finish(workspace, deployment, "canceled");
  workspace.status = "failed";
  workspace.status_reason = "The deployment was canceled.";
  touch(workspace, deployment);
}

function tick(workspace: Workspace, deployment: Deployment, kind: Kind) {
  const current = deployment.steps.find((step) => step.status === "running");
  if (current) {
    if (workspace.name.startsWith("fail") && current.name === "pull")
      return fail(workspace, deployment, current);
    current.status = "succeeded";
    current.finished_at = now();
    if (current.name === "pull") current.detail = "already present";
    log(deployment, current, `${current.name} done`);
    reflect(workspace, current);
  }
  const next = deployment.steps.find((step) => step.status === "pending");
  if (!next) {
    finish(workspace, deployment, "succeeded");
    workspace.status = settled[kind];
    workspace.started_at = workspace.status === "running" ? now() : null;
    return touch(workspace, deployment);
  }
  next.status = "running";
  next.started_at = now();
  log(deployment, next, `${next.name} ${next.component ?? workspace.name}`);
  touch(workspace, deployment);
  const pause = next.name === "pull" || next.name === "health" ? 1100 : 350;
  running.set(
    workspace.id,
    setTimeout(() => tick(workspace, deployment, kind), pause),
  );
}

function fail(workspace: Workspace, deployment: Deployment, step: DeploymentStep) {
  step.status = "failed";
  step.finished_at = now();
  log(deployment, step, "manifest unknown: manifest unknown", "stderr");
  for (const later of deployment.steps) if (later.status === "pending") later.status = "skipped";
  deployment.error = {
    code: "image_not_found",
    message: `The image of ${step.component} does not exist: registry.example.org/billing:4.2`,
    component: step.component,
    step: step.name,
    remedy: "Check the image's name and tag in the template, or sign the host in to the registry.",
    log_tail: ["4.2: Pulling from billing", "manifest unknown: manifest unknown"],
  };
  finish(workspace, deployment, "failed");
  workspace.status = "failed";
  workspace.status_reason = deployment.error.message;
  touch(workspace, deployment);
}

function finish(workspace: Workspace, deployment: Deployment, status: Deployment["status"]) {
  deployment.status = status;
  deployment.finished_at = now();
  for (const step of deployment.steps) {
    if (status === "canceled" && (step.status === "pending" || step.status === "running"))
      step.status = "canceled";
  }
  stopClock(workspace.id);
}

const effect: Partial<Record<DeploymentStep["name"], Partial<Component>>> = {
  create: { status: "creating" },
  start: { status: "running", health: "starting" },
  health: { status: "running", health: "healthy" },
  stop: { status: "stopped", health: "none" },
  remove: { status: "missing", health: "none" },
};

function reflect(workspace: Workspace, step: DeploymentStep) {
  const component = workspace.components.find((candidate) => candidate.name === step.component);
  if (component) Object.assign(component, effect[step.name], step.name === "start" && { started_at: now() });
  if (step.name === "route") {
    const live = workspace.status === "provisioning";
    for (const route of workspace.routes) route.status = live ? "live" : "withdrawn";
  }
}

function touch(workspace: Workspace, deployment: Deployment) {
  workspace.updated_at = now();
  workspace.deployment = { id: deployment.id, kind: deployment.kind, status: deployment.status };
  const named = { workspace_id: workspace.id, deployment_id: deployment.id };
  tell({ type: "deployment.updated", status: deployment.status, ...named });
  tell({
    type: workspace.status === "destroyed" ? "workspace.destroyed" : "workspace.updated",
    status: workspace.status,
    ...named,
  });
}

function log(
  deployment: Deployment,
  step: DeploymentStep,
  text: string,
  stream: "stdout" | "stderr" = "stdout",
) {
  const lines = world.logs.get(deployment.id);
  lines?.push({
    number: lines.length,
    time: now(),
    step: step.name,
    component: step.component,
    stream,
    text,
  });
}

function stopClock(workspaceId: string) {
  clearTimeout(running.get(workspaceId));
  running.delete(workspaceId);
}
