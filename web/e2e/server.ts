import { spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** A server process of the tests. Tests may stop and start it, so what is known of it stands in a file. */
interface Known {
  binary: string;
  env: NodeJS.ProcessEnv;
  url: string;
  /** Where what it says goes. */
  log?: string | undefined;
  pid?: number | undefined;
}

const TIMEOUT_MS = 60_000;
const LOG = "test-results/server.log";

const fileOf = (home: string) => join(home, "server.json");
const known = (home: string): Known => JSON.parse(readFileSync(fileOf(home), "utf8"));

/** Until it is ready. Without a recipe: the one that ran last. */
export async function startServer(home: string, recipe = known(home)) {
  mkdirSync("test-results", { recursive: true });
  const { binary, env, url, log = LOG } = recipe;
  const output = openSync(log, "a");
  const { pid } = spawn(binary, ["serve"], { env, stdio: ["ignore", output, output] });
  closeSync(output);
  writeFileSync(fileOf(home), JSON.stringify({ ...recipe, pid }));
  await until(`${url}/readyz answers (see ${log})`, async () => {
    if (!runs(pid)) throw new Error(`the server ended; see ${log}`);
    return fetch(`${url}/readyz`).then(
      (answer) => answer.ok,
      () => false,
    );
  });
}

export async function stopServer(home: string) {
  const { pid } = known(home);
  if (pid === undefined || !runs(pid)) return;
  process.kill(pid, "SIGTERM");
  await until("the server ends", async () => !runs(pid)).catch((late) => {
    process.kill(pid, "SIGKILL");
    throw late;
  });
}

/** A process that has ended and that nobody has asked about is still listed. */
function runs(pid: number | undefined): boolean {
  try {
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}

/** The server says its one-time token at the first start. */
export function setupToken(): string {
  const said = readFileSync(LOG, "utf8").matchAll(/setup token\W+([A-Za-z0-9_-]{16,})/gi);
  const token = [...said].at(-1)?.[1];
  if (!token) throw new Error(`the server printed no setup token; see ${LOG}`);
  return token;
}

async function until(what: string, holds: () => Promise<boolean>) {
  const deadline = Date.now() + TIMEOUT_MS;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`waited too long until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
