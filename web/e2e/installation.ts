import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import {
  createWriteStream,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { startProviders } from "./providers.ts";

const START_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 30_000;

/** Where the tests find the installation that was started for them. */
export const installation = {
  get url() {
    return required("E2E_URL");
  },
  get setupToken() {
    return required("E2E_SETUP_TOKEN");
  },
  /** Its id, once a test has learned it. In a file, because tests and teardown are processes of their own. */
  get id() {
    const file = idFile(required("E2E_HOME"));
    return existsSync(file) ? readFileSync(file, "utf8") : "";
  },
  set id(id: string) {
    writeFileSync(idFile(required("E2E_HOME")), id);
  },
};

const idFile = (home: string) => join(home, "installation-id");

function required(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: these tests run through their global setup`);
  return value;
}

/** Starts a fresh installation; the returned function stops it and looks for what it left on Docker. */
export default async function start(): Promise<() => Promise<void>> {
  const binary = process.env.DEVSANCTUM_E2E_BINARY;
  if (!binary) throw new Error("DEVSANCTUM_E2E_BINARY must name a built devsanctum");
  const port = await freePort();
  const url = `http://localhost:${port}`;
  const home = mkdtempSync(join(tmpdir(), "devsanctum-e2e-"));
  const providers = await startProviders(url);
  const server = spawn(binary, ["serve"], {
    env: {
      ...withoutSettings(process.env),
      ...providers.env,
      DEVSANCTUM_LISTEN: `127.0.0.1:${port}`,
      DEVSANCTUM_ACCESS_URL: url,
      DEVSANCTUM_WORKSPACE_DOMAIN: "localhost",
      DEVSANCTUM_DATA_DIR: join(home, "data"),
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  process.env.E2E_HOME = home;
  process.env.E2E_URL = url;
  process.env.E2E_SETUP_TOKEN = await setupToken(server);
  await answering(`${url}/readyz`);

  return async () => {
    await stop(server);
    providers.stop();
    // In a file below the home that goes next.
    const { id } = installation;
    const left = id ? labelled(id) : [];
    rmSync(home, { recursive: true, force: true });
    // A test that failed half way leaves its workspace; the next run shall not meet it.
    for (const object of left) remove(object);
    if (id) removeHelperOf(id);
    if (left.length > 0) throw new Error(`left behind on Docker:\n${left.join("\n")}`);
  };
}

/** Settings of the caller's own installation must not reach this one. */
export function withoutSettings(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith("DEVSANCTUM_")));
}

export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => probe.once("listening", resolve));
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  if (address === null || typeof address === "string") throw new Error("no free port");
  return address.port;
}

/** The server says its one-time token at the first start; everything it says goes into a file as well. */
function setupToken(server: ChildProcess): Promise<string> {
  mkdirSync("test-results", { recursive: true });
  const log = createWriteStream("test-results/server.log");
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error("the server printed no setup token")), START_TIMEOUT_MS);
    server.once("exit", (code) =>
      reject(new Error(`the server ended with ${code}; see test-results/server.log`)),
    );
    for (const output of [server.stdout, server.stderr]) {
      if (!output) continue;
      createInterface({ input: output }).on("line", (line) => {
        log.write(`${line}\n`);
        const token = /setup token\W+([A-Za-z0-9_-]{16,})/i.exec(line)?.[1];
        if (!token) return;
        clearTimeout(timer);
        resolve(token);
      });
    }
  });
}

export async function answering(url: string) {
  const deadline = Date.now() + START_TIMEOUT_MS;
  for (;;) {
    const ready = await fetch(url).then(
      (response) => response.ok,
      () => false,
    );
    if (ready) return;
    if (Date.now() > deadline) throw new Error(`${url} does not answer`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

export async function stop(server: ChildProcess) {
  if (server.exitCode !== null) return;
  const ended = new Promise<void>((resolve) => server.once("exit", () => resolve()));
  server.kill("SIGTERM");
  const late = setTimeout(() => server.kill("SIGKILL"), STOP_TIMEOUT_MS);
  await ended;
  clearTimeout(late);
}

/** Containers, networks and volumes of an installation: the commands that show them, with their ids. */
export function labelled(installationId: string): string[] {
  const label = `label=dev.devsanctum.installation=${installationId}`;
  const list = (kind: string) =>
    docker(kind, "ls", ...(kind === "container" ? ["--all"] : []), "--quiet", "--filter", label).map(
      (id) => `${kind} ${id}`,
    );
  return [...list("container"), ...list("network"), ...list("volume")];
}

/** What an installation keeps on its engine for as long as it lives: the volume with the helper in it. */
export function removeHelperOf(installationId: string) {
  const label = `label=dev.devsanctum.helper=${installationId}`;
  for (const id of docker("volume", "ls", "--quiet", "--filter", label)) remove(`volume ${id}`);
}

export function remove(object: string) {
  const [kind = "", id = ""] = object.split(" ");
  docker(kind, "rm", ...(kind === "network" ? [] : ["--force"]), id);
}

function docker(...args: string[]): string[] {
  return execFileSync("docker", args, { encoding: "utf8" }).split("\n").filter(Boolean);
}

/** Which installation made the containers of this workspace; empty while there are none. */
export function installationOf(workspaceId: string): string {
  const filter = `label=dev.devsanctum.workspace=${workspaceId}`;
  const format = '{{.Label "dev.devsanctum.installation"}}';
  const [found = ""] = docker("container", "ls", "--all", "--filter", filter, "--format", format);
  return found;
}
