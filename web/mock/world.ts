import { randomBytes } from "node:crypto";
import type {
  Deployment,
  DeploymentKind,
  DeploymentLogLine,
  DeploymentStep,
  LiveEvent,
  Template,
  TemplateVersion,
  Workspace,
} from "../src/api/types.ts";
import { id, now, org } from "./basics.ts";
import { me } from "./people.ts";
import { templates } from "./templates.ts";

/** Everything the mock server knows; a restart of the dev server brings it back. */
export const world = {
  setupRequired: false,
  templates: templates(org.id) as Template[],
  versions: new Map<string, TemplateVersion[]>(),
  workspaces: new Map<string, Workspace>(),
  deployments: new Map<string, Deployment>(),
  logs: new Map<string, DeploymentLogLine[]>(),
  listeners: new Set<(event: LiveEvent) => void>(),
};

export function tell(event: Partial<LiveEvent> & { type: string }) {
  const whole: LiveEvent = {
    org_id: org.id,
    workspace_id: null,
    deployment_id: null,
    template_id: null,
    host_id: null,
    status: null,
    time: now(),
    ...event,
  };
  for (const listener of world.listeners) listener(whole);
}

export function makeWorkspace(
  name: string,
  template: Template,
  parameters: Record<string, unknown>,
): Workspace {
  const short = randomBytes(4).toString("hex");
  const workspace: Workspace = {
    id: id(),
    short_id: short,
    name,
    org_id: org.id,
    owner: { id: me.id, username: me.username },
    template: { id: template.id, name: template.name, version: template.active_version ?? 1 },
    status: "pending",
    status_reason: null,
    desired: "running",
    generation: 1,
    host: { id: id(), name: "local" },
    url: `http://${name}-${short}.localhost:7080/`,
    components: template.components.map((component) => ({
      name: component.name,
      type: component.type,
      image:
        component.image ?? (component.type === "database" ? "postgres:15-alpine" : "devsanctum/placeholder"),
      status: "missing",
      health: "none",
      restarts: 0,
      started_at: null,
      exit_code: null,
    })),
    routes: template.components
      .filter((component) => component.port && component.type !== "database")
      .map((component, index) => {
        const host =
          index === 0 ? `${name}-${short}.localhost` : `${component.name}--${name}-${short}.localhost`;
        return {
          id: id(),
          app: index === 0 ? null : component.name,
          host,
          url: `http://${host}:7080/`,
          component: component.name,
          port: component.port ?? 80,
          visibility: component.visibility ?? "private",
          identity: false,
          problem: null,
          status: "pending",
          domains: [],
        };
      }),
    parameters,
    resources: { cpu_millis: 1000, memory_bytes: 512 * 1024 ** 2 },
    deployment: null,
    created_at: now(),
    updated_at: now(),
    started_at: null,
  };
  world.workspaces.set(workspace.id, workspace);
  return workspace;
}

export function makeDeployment(workspace: Workspace, kind: DeploymentKind): Deployment {
  const deployment: Deployment = {
    id: id(),
    workspace_id: workspace.id,
    kind,
    status: "queued",
    generation: workspace.generation,
    requested_by: { id: me.id, username: me.username },
    created_at: now(),
    started_at: now(),
    finished_at: null,
    error: null,
    steps: stepsOf(workspace, kind),
  };
  world.deployments.set(deployment.id, deployment);
  world.logs.set(deployment.id, []);
  workspace.deployment = { id: deployment.id, kind, status: deployment.status };
  return deployment;
}

function stepsOf(workspace: Workspace, kind: DeploymentKind): DeploymentStep[] {
  const step = (name: DeploymentStep["name"], component: string | null = null): DeploymentStep => ({
    name,
    component,
    status: "pending",
    started_at: null,
    finished_at: null,
    detail: "",
  });
  const each = (...names: DeploymentStep["name"][]) =>
    workspace.components.flatMap((component) => names.map((name) => step(name, component.name)));
  if (kind === "create")
    return [step("network"), step("volume"), ...each("pull", "create", "start", "health"), step("route")];
  if (kind === "start") return [...each("start", "health"), step("route")];
  if (kind === "restart") return [...each("stop", "start", "health"), step("route")];
  if (kind === "stop") return [step("route"), ...each("stop")];
  return [step("route"), ...each("stop", "remove"), step("volume"), step("network"), step("cleanup")];
}
