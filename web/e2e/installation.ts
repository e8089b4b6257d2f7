import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startProviders } from "./providers.ts";
import { setupToken, startServer, stopServer } from "./server.ts";

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
  /** As an update or an outage does. */
  stop: () => stopServer(required("E2E_HOME")),
  /** The same installation again. */
  start: () => startServer(required("E2E_HOME")),
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
  const env = {
    ...withoutSettings(process.env),
    ...providers.env,
    DEVSANCTUM_LISTEN: `127.0.0.1:${port}`,
    DEVSANCTUM_ACCESS_URL: url,
    DEVSANCTUM_WORKSPACE_DOMAIN: "localhost",
    DEVSANCTUM_DATA_DIR: join(home, "data"),
    DEVSANCTUM_CATALOG_DIR: catalog(home),
  };
  process.env.E2E_HOME = home;
  process.env.E2E_URL = url;
  await startServer(home, { binary, env, url });
  process.env.E2E_SETUP_TOKEN = setupToken();

  return async () => {
    await stopServer(home);
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

/** The one of the binary, and a template whose image cannot be built. */
function catalog(home: string): string {
  const directory = join(home, "catalog");
  const broken = join(directory, "broken");
  cpSync("../catalog", directory, { recursive: true });
  mkdirSync(broken);
  cpSync("/bin/busybox", join(broken, "busybox"));
  writeFileSync(
    join(broken, "devsanctum.yaml"),
    "appName: Broken build\nslug: broken\ncomponents: [{ name: web, type: frontend, path: ., port: 8080 }]\n",
  );
  const script = "echo resolving dependencies; echo no such package: lanterns >&2; exit 7";
  writeFileSync(
    join(broken, "Dockerfile"),
    `FROM scratch\nCOPY busybox /bin/busybox\nRUN ["/bin/busybox", "sh", "-c", "${script}"]\n`,
  );
  return directory;
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
