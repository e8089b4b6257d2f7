// Drives the REST API from outside, as any client would. SERVER_URL, LOGIN and PASSWORD come from the environment.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { failure, settled, signIn } from "./lib/api.mjs";
import { visit } from "./lib/visit.mjs";

const { SERVER_URL, LOGIN, PASSWORD } = process.env;
// Enough for a Dockerfile that installs a few hundred megabytes.
const PATIENCE_SECONDS = 900;

/** What a visitor of each template sees; the address of a place to work in is its owner's alone. A template without an entry here fails the test. */
const promises = {
  hello: async (url) => {
    const { status, body } = await visit(url, "/");
    assert.equal(status, 200);
    assert.match(body, /<html/i);
  },
  shop: async (url) => {
    assert.match((await visit(url, "/")).body, /Corner Shop/);
    assert.deepEqual(json(await visit(url, "/api/shop")), { name: "Corner Shop", currency: "EUR" });
    const before = json(await visit(url, "/api/products"))[0].stock;
    const order = await visit(url, "/api/orders", { items: [{ product_id: 1, quantity: 2 }] });
    assert.equal(order.status, 201, order.body);
    assert.equal(json(await visit(url, "/api/products"))[0].stock, before - 2);
    const greedy = await visit(url, "/api/orders", { items: [{ product_id: 1, quantity: 999 }] });
    assert.equal(greedy.status, 409, greedy.body);
  },
  debian: async (url) => {
    assert.equal((await visit(url, "/healthz")).status, 401);
    assert.equal((await asOwner(url, "/healthz")).status, 200);
    assert.equal((await asOwner(url, "/")).status, 302);
  },
  jupyter: async (url) => {
    assert.equal((await visit(url, "/api")).status, 401);
    assert.match(json(await asOwner(url, "/api")).version, /^\d+\./);
    assert.equal((await asOwner(url, "/api/contents")).status, 403);
  },
};

const docker = (...args) => execFileSync("docker", args, { encoding: "utf8" }).split("\n").filter(Boolean);

const json = ({ status, body }) => {
  assert.equal(status, 200, body);
  return JSON.parse(body);
};

const api = await signIn(SERVER_URL, LOGIN, PASSWORD);
const { secret: token } = await api.post("/me/tokens", { name: "catalog", scopes: ["workspaces"] });
const asOwner = (url, path, body, accept) => visit(url, path, body, { accept, token });
const { errors } = await api.post("/catalog/sync");
assert.deepEqual(errors, []);
const org = (await api.get("/me")).organizations[0].slug;
const catalog = (await api.get("/catalog")).items;
const directories = readdirSync("catalog", { withFileTypes: true }).filter((it) => it.isDirectory());
assert.deepEqual(catalog.map((it) => it.name).sort(), directories.map((it) => it.name).sort());

const chosen = process.argv.slice(2);
for (const template of catalog.filter((it) => chosen.length === 0 || chosen.includes(it.name))) {
  await holds(template);
}
async function holds(template) {
  const promised = promises[template.name];
  assert.ok(promised, `say in scripts/test-catalog.mjs what ${template.name} promises`);
  const began = performance.now();
  const lap = (what) => {
    const seconds = ((performance.now() - began) / 1000).toFixed(1);
    console.log(`       ${template.name}: ${what} after ${seconds} s`);
  };

  const body = { name: `catalog-${template.name}`, template_id: template.id };
  const workspace = await reaches("running", await api.post(`/orgs/${org}/workspaces`, body));
  lap("running");
  await promised(workspace.url);
  const { installation } = labelled(workspace.id);
  await reaches("stopped", await api.post(`/workspaces/${workspace.id}/stop`));
  assert.equal((await asOwner(workspace.url, "/", undefined, "application/json")).status, 503);
  await reaches("running", await api.post(`/workspaces/${workspace.id}/start`));
  await promised(workspace.url);
  lap("stopped, started and visited again");
  await reaches("destroyed", await api.delete(`/workspaces/${workspace.id}`));
  assert.deepEqual(leftovers(installation, workspace.id), []);
  lap("gone");
}

async function reaches(status, asked) {
  const workspace = await settled(api, asked, PATIENCE_SECONDS);
  if (workspace.status === status) return workspace;
  const reasons = await failure(api, workspace);
  throw new Error([`${workspace.name} is ${workspace.status}, not ${status}`, ...reasons].join("\n"));
}

function labelled(workspaceId) {
  const [id] = docker("ps", "--quiet", "--filter", `label=dev.devsanctum.workspace=${workspaceId}`);
  const [installation] = docker("inspect", "--format", '{{index .Config.Labels "dev.devsanctum.installation"}}', id);
  return { installation };
}

function leftovers(installation, workspaceId) {
  const labels = [`dev.devsanctum.installation=${installation}`, `dev.devsanctum.workspace=${workspaceId}`];
  const mine = labels.flatMap((label) => ["--filter", `label=${label}`]);
  return [
    ...docker("ps", "--all", "--format", "container {{.Names}}", ...mine),
    ...docker("network", "ls", "--format", "network {{.Name}}", ...mine),
    ...docker("volume", "ls", "--format", "volume {{.Name}}", ...mine),
  ];
}
