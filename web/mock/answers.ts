import type { FieldError, Template, TemplateVersion, Variable, Workspace } from "../src/api/types.ts";
import { ago, id, now, org } from "./basics.ts";
import { type Answer, type Answers, type Call, list, pageOf, Refusal } from "./call.ts";
import { domainAnswers } from "./domainAnswers.ts";
import { begin, cancel } from "./lifecycle.ts";
import { me } from "./people.ts";
import { erase, peopleAnswers, write } from "./peopleAnswers.ts";
import { systemAnswers } from "./systemAnswers.ts";
import { tenantAnswers } from "./tenantAnswers.ts";
import { makeWorkspace, tell, world } from "./world.ts";

function workspaceAt(call: Call): Workspace {
  const found = world.workspaces.get(call.path.id ?? "");
  if (!found) throw new Refusal(404, "not_found", "There is no such workspace.");
  return found;
}

function templateAt(call: Call): Template {
  const found = world.templates.find((template) => template.id === call.path.id);
  if (!found) throw new Refusal(404, "not_found", "There is no such template.");
  return found;
}

const act =
  (kind: Parameters<typeof begin>[1]): Answer =>
  (call) => {
    const workspace = workspaceAt(call);
    begin(workspace, kind);
    return { status: 202, body: workspace };
  };

/** By the id of a template or a workspace; each begins with the same few. */
const variables = new Map<string, Variable[]>();

function variablesOf({ id: of }: { id: string }): Variable[] {
  const found = variables.get(of) ?? [
    { name: "FEATURE_FLAGS", value: "checkout-v2,dark", secret: false, updated_at: ago(60 * 5) },
    { name: "STRIPE_KEY", value: null, secret: true, updated_at: ago(60 * 24 * 3) },
  ];
  variables.set(of, found);
  return found;
}

export const answers: Answers = [
  ...domainAnswers,
  ...systemAnswers,
  ...peopleAnswers,
  ...tenantAnswers,
  ["GET", "/version", () => ({ body: { version: "0.1.0", commit: "f00dfeed" } })],
  ["GET", "/catalog", () => list(world.templates.filter((template) => template.org_id === null))],
  ["GET", "/orgs/:org/templates", () => list(world.templates.filter((template) => template.org_id !== null))],
  ["POST", "/orgs/:org/templates", createTemplate],
  ["POST", "/templates/check", (call) => ({ body: check(call.body.source.manifest) })],
  ["GET", "/templates/:id", (call) => ({ body: templateAt(call) })],
  ["GET", "/templates/:id/variables", (call) => list(variablesOf(templateAt(call)))],
  ["PUT", "/templates/:id/variables/:name", (call) => write(variablesOf(templateAt(call)), call)],
  ["DELETE", "/templates/:id/variables/:name", (call) => erase(variablesOf(templateAt(call)), call)],
  ["GET", "/templates/:id/versions", (call) => list(versionsOf(templateAt(call)))],
  ["POST", "/templates/:id/versions", publish],
  [
    "POST",
    "/templates/:id/versions/:n/activate",
    (call) => {
      const template = templateAt(call);
      template.active_version = Number(call.path.n);
      for (const version of versionsOf(template)) version.active = version.number === template.active_version;
      return { body: template };
    },
  ],
  [
    "GET",
    "/workspaces",
    (call) => {
      const q = call.query.get("q") ?? "";
      const found = [...world.workspaces.values()]
        .filter((each) => each.status !== "destroyed" && each.name.includes(q))
        .reverse();
      return pageOf(found, call.query);
    },
  ],
  ["POST", "/orgs/:org/workspaces", createWorkspace],
  ["GET", "/workspaces/:id", (call) => ({ body: workspaceAt(call) })],
  ["DELETE", "/workspaces/:id", act("destroy")],
  ["POST", "/workspaces/:id/start", act("start")],
  ["POST", "/workspaces/:id/stop", act("stop")],
  ["POST", "/workspaces/:id/restart", act("restart")],
  ["POST", "/workspaces/:id/update", act("update")],
  ["GET", "/workspaces/:id/variables", (call) => list(variablesOf(workspaceAt(call)))],
  ["PUT", "/workspaces/:id/variables/:name", (call) => write(variablesOf(workspaceAt(call)), call)],
  ["DELETE", "/workspaces/:id/variables/:name", (call) => erase(variablesOf(workspaceAt(call)), call)],
  ["POST", "/workspaces/:id/retry", act("create")],
  [
    "POST",
    "/workspaces/:id/cancel",
    (call) => {
      cancel(workspaceAt(call));
      return { status: 202, body: workspaceAt(call) };
    },
  ],
  [
    "GET",
    "/workspaces/:id/deployments",
    (call) =>
      list([...world.deployments.values()].filter((each) => each.workspace_id === call.path.id).reverse()),
  ],
  ["GET", "/deployments/:id", (call) => ({ body: world.deployments.get(call.path.id ?? "") })],
  [
    "GET",
    "/workspaces/:id/ports",
    (call) =>
      list(
        workspaceAt(call)
          .routes.map((route) => ({ component: route.component, port: route.port, loopback: false }))
          .concat({
            component: workspaceAt(call).components[0]?.name ?? "",
            port: 9229,
            loopback: true,
          }),
      ),
  ],
  [
    "PATCH",
    "/workspaces/:id/routes/:rid",
    (call) => {
      const route = workspaceAt(call).routes.find((each) => each.id === call.path.rid);
      if (!route) throw new Refusal(404, "not_found", "There is no such route.");
      Object.assign(route, call.body);
      return { body: route };
    },
  ],
];

function createWorkspace(call: Call) {
  const template = world.templates.find((each) => each.id === call.body.template_id);
  if (!template) throw new Refusal(422, "invalid", "There is no such template.");
  const taken = [...world.workspaces.values()].some(
    (each) => each.name === call.body.name && each.status !== "destroyed",
  );
  if (taken) {
    throw new Refusal(409, "name_taken", "A workspace with this name exists.", [
      { field: "name", code: "taken", message: "You already have a workspace of this name." },
    ]);
  }
  const workspace = makeWorkspace(call.body.name, template, call.body.parameters ?? {});
  begin(workspace, "create");
  return { status: 202, body: workspace };
}

function createTemplate(call: Call) {
  const { errors, components } = check(call.body.source.manifest);
  if (errors.length > 0) throw new Refusal(422, "invalid_manifest", "The manifest has problems.", errors);
  const template: Template = {
    id: id(),
    org_id: org.id,
    name: call.body.name,
    display_name: call.body.source.manifest.appName ?? "",
    description: call.body.source.manifest.description ?? "",
    icon: "",
    tags: call.body.source.manifest.tags ?? [],
    source_kind: "manifest",
    active_version: 1,
    parameters: [],
    components,
    readme: null,
    created_at: now(),
    updated_at: now(),
  };
  world.templates.push(template);
  world.versions.set(template.id, [version(template, 1, call.body.source.manifest)]);
  tell({ type: "template.updated", template_id: template.id });
  return { status: 201, body: template };
}

function publish(call: Call) {
  const template = templateAt(call);
  const { errors } = check(call.body.source.manifest);
  if (errors.length > 0) throw new Refusal(422, "invalid_manifest", "The manifest has problems.", errors);
  const made = version(template, versionsOf(template).length + 1, call.body.source.manifest);
  made.active = false;
  versionsOf(template).unshift(made);
  return { status: 201, body: made };
}

function versionsOf(template: Template): TemplateVersion[] {
  const known = world.versions.get(template.id);
  if (known) return known;
  const manifest = { appName: template.display_name, slug: template.name, components: template.components };
  const made = [2, 1].map((number) => version(template, number, manifest));
  for (const each of made) each.active = each.number === template.active_version;
  world.versions.set(template.id, made);
  return made;
}

function version(template: Template, number: number, manifest: TemplateVersion["manifest"]): TemplateVersion {
  return {
    id: id(),
    template_id: template.id,
    number,
    source_kind: "manifest",
    created_at: now(),
    created_by: me.id,
    active: number === 1,
    message: "",
    manifest,
  };
}

// biome-ignore lint/suspicious/noExplicitAny: whatever the client sent
function check(manifest: any) {
  const errors: FieldError[] = [];
  // biome-ignore lint/suspicious/noExplicitAny: as above
  const components: any[] = Array.isArray(manifest?.components) ? manifest.components : [];
  if (components.length === 0)
    errors.push({ field: "/components", code: "required", message: "at least one component is needed" });
  components.forEach((component, index) => {
    if (component.port > 65_535) {
      errors.push({
        field: `/components/${index}/port`,
        code: "out_of_range",
        message: `line 1: ${component.port} is no port; a port is between 1 and 65535`,
      });
    }
    for (const name of component.depends_on ?? []) {
      if (!components.some((other) => other.name === name)) {
        errors.push({
          field: `/components/${index}/depends_on`,
          code: "unknown",
          message: `there is no component "${name}"`,
        });
      }
    }
  });
  return { components, parameters: manifest?.parameters ?? [], warnings: [], errors };
}
