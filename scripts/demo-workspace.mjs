// Brings up a workspace of a catalog template over the REST API and prints its URL.
// SERVER_URL, LOGIN and PASSWORD come from the environment; the template's name is the argument.

import { failure, settled, signIn } from "./lib/api.mjs";

const templateName = process.argv[2];
const { SERVER_URL, LOGIN, PASSWORD } = process.env;

const api = await signIn(SERVER_URL, LOGIN, PASSWORD);
await api.post("/catalog/sync");
const org = (await api.get("/me")).organizations[0].slug;
const template = (await api.get("/catalog")).items.find((it) => it.name === templateName);
if (!template) throw new Error(`the catalog has no template ${templateName}`);

const name = `demo-${templateName}`;
const existing = (await api.get(`/orgs/${org}/workspaces?q=${name}`)).items.find(
  (it) => it.name === name && !["destroying", "destroyed"].includes(it.status),
);
const began = performance.now();
const asked = existing
  ? await api.post(`/workspaces/${existing.id}/start`, undefined, { Prefer: "wait=60" })
  : await api.post(`/orgs/${org}/workspaces`, { name, template_id: template.id }, { Prefer: "wait=60" });
const workspace = await settled(api, asked, 120);
if (workspace.status !== "running") {
  console.error([`${name} is ${workspace.status}.`, ...(await failure(api, workspace))].join("\n       "));
  process.exit(1);
}
console.error(`       ${name} is running after ${((performance.now() - began) / 1000).toFixed(2)} s`);
console.log(workspace.url);
