// Create and start, against Docker's own API called bare, taking turns in one run. The floor makes what a workspace
// is made of (a network, a volume, a container of the same image with the same limits) and waits for the first 200.
//
// usage: bench-create.mjs [ROUNDS]     SERVER_URL, LOGIN, PASSWORD and DOCKER_SOCKET come from the environment

import { request } from "node:http";
import { settled, signIn } from "./lib/api.mjs";
import { visit } from "./lib/visit.mjs";

const { SERVER_URL, LOGIN, PASSWORD, DOCKER_SOCKET } = process.env;
const ROUNDS = Number(process.argv[2] ?? 20);
const AT_ONCE = 20;
const PORT = 8080;
const POLL_MILLISECONDS = 2;

const pause = (milliseconds) => new Promise((resume) => setTimeout(resume, milliseconds));
const wait = { Prefer: "wait=60" };

function docker(method, path, body) {
  return new Promise((resolve, reject) => {
    const headers = { "Content-Type": "application/json" };
    const outgoing = request({ socketPath: DOCKER_SOCKET, method, path, headers });
    outgoing.once("error", reject);
    outgoing.once("response", async (response) => {
      let text = "";
      for await (const chunk of response.setEncoding("utf8")) text += chunk;
      if (response.statusCode >= 400) return reject(new Error(`${method} ${path}: ${response.statusCode} ${text}`));
      resolve(text === "" ? undefined : JSON.parse(text));
    });
    outgoing.end(body && JSON.stringify(body));
  });
}

async function first200(url) {
  const deadline = performance.now() + 60_000;
  for (;;) {
    const answer = await visit(url, "/").catch(() => undefined);
    if (answer?.status === 200) return;
    if (performance.now() > deadline) throw new Error(`${url} did not answer 200 in 60 s`);
    await pause(POLL_MILLISECONDS);
  }
}

async function first200At(address) {
  const deadline = performance.now() + 60_000;
  for (;;) {
    const answer = await fetch(`http://${address}:${PORT}/`).catch(() => undefined);
    await answer?.arrayBuffer();
    if (answer?.ok) return;
    if (performance.now() > deadline) throw new Error(`${address} did not answer in 60 s`);
    await pause(POLL_MILLISECONDS);
  }
}

async function timed(work) {
  const began = performance.now();
  const result = await work();
  return [performance.now() - began, result];
}

// === The floor

async function bareCreate(name, like) {
  await docker("POST", "/networks/create", { Name: name, Driver: "bridge", Labels: { "dev.devsanctum.bench": "" } });
  await docker("POST", "/volumes/create", { Name: name, Labels: { "dev.devsanctum.bench": "" } });
  const { Id } = await docker("POST", `/containers/create?name=${name}`, {
    Image: like.Image,
    Entrypoint: like.Config.Entrypoint,
    Cmd: like.Config.Cmd,
    Env: like.Config.Env,
    Labels: { "dev.devsanctum.bench": "" },
    HostConfig: {
      NetworkMode: name,
      Mounts: [{ Type: "volume", Source: name, Target: "/data" }],
      Memory: like.HostConfig.Memory,
      NanoCpus: like.HostConfig.NanoCpus,
      PidsLimit: like.HostConfig.PidsLimit,
      CapDrop: ["ALL"],
      SecurityOpt: ["no-new-privileges"],
      Init: like.HostConfig.Init,
      LogConfig: like.HostConfig.LogConfig,
    },
  });
  await bareStart(Id, name);
  return { id: Id, name };
}

async function bareStart(id, name) {
  await docker("POST", `/containers/${id}/start`);
  const { NetworkSettings } = await docker("GET", `/containers/${id}/json`);
  await first200At(NetworkSettings.Networks[name].IPAddress);
}

async function bareRemove({ id, name }) {
  await docker("DELETE", `/containers/${id}?force=true&v=true`);
  await docker("DELETE", `/networks/${name}`);
  await docker("DELETE", `/volumes/${name}`);
}

// === DevSanctum

const api = await signIn(SERVER_URL, LOGIN, PASSWORD);
await api.post("/catalog/sync");
const org = (await api.get("/me")).organizations[0].slug;
const hello = (await api.get("/catalog")).items.find((it) => it.name === "hello");

async function create(name) {
  const workspace = await api.post(`/orgs/${org}/workspaces`, { name, template_id: hello.id });
  await first200(workspace.url);
  return workspace;
}

async function start(workspace) {
  await api.post(`/workspaces/${workspace.id}/start`);
  await first200(workspace.url);
}

const stop = async (workspace) => settled(api, await api.post(`/workspaces/${workspace.id}/stop`, undefined, wait), 60);
const destroy = async (workspace) => settled(api, await api.delete(`/workspaces/${workspace.id}`, wait), 60);

async function containerOf(workspace) {
  const filters = encodeURIComponent(JSON.stringify({ label: [`dev.devsanctum.workspace=${workspace.id}`] }));
  const [{ Id }] = await docker("GET", `/containers/json?filters=${filters}`);
  return docker("GET", `/containers/${Id}/json`);
}

// === The run

const figures = [];

function record(figure, floor, ours) {
  for (const [name, share] of [["p50", 0.5], ["p95", 0.95], ["p99", 0.99]]) {
    const [low, high] = [percentile(floor, share), percentile(ours, share)];
    figures.push({
      figure: `${figure} ${name}`,
      "floor ms": low.toFixed(0),
      "ours ms": high.toFixed(0),
      ratio: (high / low).toFixed(2),
    });
  }
}

function percentile(values, share) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
}

const warmUp = await create("bench-warm-up");
const like = await containerOf(warmUp);
await destroy(warmUp);

const created = { floor: [], ours: [] };
const started = { floor: [], ours: [] };
for (let round = 0; round < ROUNDS; round++) {
  const [bareTime, bare] = await timed(() => bareCreate(`bench-${round}`, like));
  created.floor.push(bareTime);
  await docker("POST", `/containers/${bare.id}/stop`);
  started.floor.push((await timed(() => bareStart(bare.id, bare.name)))[0]);
  await bareRemove(bare);

  const [time, workspace] = await timed(() => create(`bench-${round}`));
  created.ours.push(time);
  await stop(await settled(api, workspace, 60));
  started.ours.push((await timed(() => start(workspace)))[0]);
  await destroy(workspace);
}
record(`create (${ROUNDS} rounds)`, created.floor, created.ours);
record(`start (${ROUNDS} rounds)`, started.floor, started.ours);

const crowd = [...Array(AT_ONCE).keys()];
const bareCrowd = await Promise.all(crowd.map((i) => timed(() => bareCreate(`bench-crowd-${i}`, like))));
await Promise.all(bareCrowd.map(([, bare]) => bareRemove(bare)));
const ourCrowd = await Promise.all(crowd.map((i) => timed(() => create(`bench-crowd-${i}`))));
await Promise.all(ourCrowd.map(([, workspace]) => destroy(workspace)));
record(`${AT_ONCE} creates at once`, bareCrowd.map(([time]) => time), ourCrowd.map(([time]) => time));

console.table(figures);
