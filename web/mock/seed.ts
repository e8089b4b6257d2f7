import type { Workspace } from "../src/api/types.ts";
import { ago } from "./basics.ts";
import { makeDeployment, makeWorkspace, world } from "./world.ts";

const cast: [name: string, template: string, status: Workspace["status"], minutes: number][] = [
  ["old-archive", "jupyter", "stopped", 9000],
  ["lantern-lab", "jupyter", "unknown", 700],
  ["fail-billing", "billing", "failed", 95],
  ["quiet-harbor", "code", "stopped", 1500],
  ["checkout-redesign", "shop", "running", 190],
  ["dev-box", "code", "running", 42],
];

/** Enough workspaces to see every state at once; MOCK_CROWD=200 fills the house. */
export function seed() {
  if (world.workspaces.size > 0) return;
  world.setupRequired = process.env.MOCK_SETUP === "1";
  if (process.env.MOCK_EMPTY === "1") return;
  for (let n = 0; n < Number(process.env.MOCK_CROWD ?? 0); n += 1)
    add([`crowd-${n}`, "hello", n % 3 ? "stopped" : "running", n]);
  for (const each of cast) add(each);
}

function add([name, templateName, status, minutes]: (typeof cast)[number]) {
  const template = world.templates.find((each) => each.name === templateName);
  if (!template) throw new Error(`no template ${templateName}`);
  const workspace = makeWorkspace(name, template, { size: "medium" });
  const failed = status === "failed";
  workspace.status = status;
  workspace.created_at = ago(minutes + 3000);
  workspace.updated_at = ago(minutes);
  workspace.started_at = status === "running" ? ago(minutes) : null;
  for (const component of workspace.components) {
    component.status = status === "running" ? "running" : failed ? "missing" : "stopped";
    component.health = status === "running" ? "healthy" : "none";
    component.started_at = workspace.started_at;
  }
  for (const route of workspace.routes) route.status = status === "running" ? "live" : "withdrawn";
  finishedDeployment(workspace, minutes, failed);
}

function finishedDeployment(workspace: Workspace, minutes: number, failed: boolean) {
  const deployment = makeDeployment(workspace, "create");
  const start = Date.now() - minutes * 60_000 - 9000;
  const broken = failed ? deployment.steps.findIndex((step) => step.name === "pull") : -1;
  let clock = start;
  deployment.created_at = new Date(start).toISOString();
  deployment.steps.forEach((step, index) => {
    if (broken >= 0 && index > broken) {
      step.status = "skipped";
      return;
    }
    step.status = index === broken ? "failed" : "succeeded";
    step.started_at = new Date(clock).toISOString();
    clock += { pull: 2400, health: 900, start: 260 }[step.name as string] ?? 40;
    step.finished_at = new Date(clock).toISOString();
    world.logs.get(deployment.id)?.push({
      number: index,
      time: step.finished_at,
      step: step.name,
      component: step.component,
      stream: index === broken ? "stderr" : "stdout",
      text:
        index === broken
          ? "manifest unknown: manifest unknown"
          : `${step.name} ${step.component ?? workspace.name}: done`,
    });
  });
  deployment.finished_at = new Date(clock).toISOString();
  deployment.status = failed ? "failed" : "succeeded";
  if (failed) {
    const component = deployment.steps[broken]?.component ?? null;
    deployment.error = {
      code: "image_not_found",
      message: `The image of ${component} does not exist: registry.example.org/billing:4.2`,
      component,
      step: "pull",
      remedy: "Check the image's name and tag in the template, or sign the host in to the registry.",
      log_tail: ["4.2: Pulling from billing", "manifest unknown: manifest unknown"],
    };
    workspace.status_reason = deployment.error.message;
  }
  workspace.deployment = { id: deployment.id, kind: deployment.kind, status: deployment.status };
}
