import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { request as ask } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort, labelled, remove, removeHelperOf, withoutSettings } from "./installation.ts";
import { startServer, stopServer } from "./server.ts";

/** The app and its workspaces are one site to browsers, which is the harder case: cookies and SameSite part nobody. */
const APP = "dev.e2e.test";
const WORKSPACES = "ws.e2e.test";

export const admin = { login: "ada@example.org", password: "third lamp behind the cloister" };

/** An installation behind TLS: a real Traefik with certificates of a private authority, and a server behind it. */
export interface Secure {
  /** Of the app. */
  url: string;
  /** Below which workspaces live. */
  domain: string;
  /** What Chromium is to be started with, so that it finds these names and trusts the authority. */
  chromiumArgs: string[];
  call: <T>(method: string, path: string, options?: { token?: string; body?: unknown }) => Promise<T>;
  /** Ends it, and fails when objects of workspaces are left. */
  end: () => Promise<void>;
}

export async function startSecure(): Promise<Secure> {
  const home = mkdtempSync(join(tmpdir(), "devsanctum-tls-"));
  const certificates = issue(home);
  const [port, api, own] = [await freePort(), await freePort(), await freePort()];
  const url = `https://${APP}:${port}`;
  const traefik = startTraefik(home, port, api);
  const logFile = "test-results/secure-server.log";
  rmSync(logFile, { force: true });
  await startServer(home, {
    binary: required("DEVSANCTUM_E2E_BINARY"),
    url: `http://127.0.0.1:${own}`,
    log: logFile,
    env: {
      ...withoutSettings(process.env),
      DEVSANCTUM_LISTEN: `127.0.0.1:${own}`,
      DEVSANCTUM_ACCESS_URL: url,
      DEVSANCTUM_WORKSPACE_DOMAIN: WORKSPACES,
      DEVSANCTUM_DATA_DIR: join(home, "data"),
      DEVSANCTUM_PROXY: "traefik-rest",
      DEVSANCTUM_TRAEFIK_URL: `http://127.0.0.1:${api}`,
      DEVSANCTUM_TRAEFIK_ENTRYPOINTS: "websecure",
      DEVSANCTUM_TRUSTED_PROXIES: "127.0.0.0/8",
      DEVSANCTUM_REGISTRATION: "open",
      DEVSANCTUM_ADMIN_EMAIL: admin.login,
      DEVSANCTUM_ADMIN_PASSWORD: admin.password,
    },
  });
  const call: Secure["call"] = (method, path, options) =>
    callApi(url, certificates.authority, method, path, options);
  return {
    url,
    domain: `${WORKSPACES}:${port}`,
    chromiumArgs: [
      `--host-resolver-rules=MAP *.e2e.test 127.0.0.1`,
      `--ignore-certificate-errors-spki-list=${certificates.authorityKeyHash}`,
    ],
    call,
    end: async () => {
      const installation = installationIn(logFile);
      await stopServer(home);
      traefik.kill("SIGKILL");
      rmSync(home, { recursive: true, force: true });
      const left = installation ? labelled(installation) : [];
      for (const object of left) remove(object);
      if (installation) removeHelperOf(installation);
      if (left.length > 0) throw new Error(`left behind on Docker:\n${left.join("\n")}`);
    },
  };
}

function required(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: scripts/test.sh sets it`);
  return value;
}

/** An authority of our own, and one certificate of it for the app and for all workspaces there will ever be. */
function issue(home: string) {
  const openssl = (...args: string[]) => execFileSync("openssl", args, { cwd: home, stdio: "pipe" });
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-noenc", "-days", "2"];
  openssl(
    "req",
    "-x509",
    ...key,
    "-subj",
    "/CN=Authority of the tests",
    "-keyout",
    "ca.key",
    "-out",
    "ca.pem",
  );
  openssl("req", ...key.slice(0, 5), "-subj", `/CN=${APP}`, "-keyout", "own.key", "-out", "own.csr");
  writeFileSync(
    join(home, "own.ext"),
    `subjectAltName=DNS:${APP},DNS:*.${WORKSPACES}\nextendedKeyUsage=serverAuth\nbasicConstraints=CA:FALSE\n`,
  );
  openssl(
    ...[
      "x509",
      "-req",
      "-in",
      "own.csr",
      "-CA",
      "ca.pem",
      "-CAkey",
      "ca.key",
      "-CAcreateserial",
      "-days",
      "2",
    ],
    ...["-extfile", "own.ext", "-out", "own.pem"],
  );
  const authority = readFileSync(join(home, "ca.pem"), "utf8");
  writeFileSync(join(home, "chain.pem"), readFileSync(join(home, "own.pem"), "utf8") + authority);
  const publicKey = openssl("x509", "-in", "ca.pem", "-noout", "-pubkey");
  const der = execFileSync("openssl", ["pkey", "-pubin", "-outform", "der"], { input: publicKey });
  return { authority, authorityKeyHash: createHash("sha256").update(der).digest("base64") };
}

function startTraefik(home: string, port: number, api: number): ChildProcess {
  const file = join(home, "certificates.yml");
  const certificate = { certFile: join(home, "chain.pem"), keyFile: join(home, "own.key") };
  // JSON is YAML.
  writeFileSync(file, JSON.stringify({ tls: { certificates: [certificate] } }));
  const args = [
    `--entryPoints.websecure.address=127.0.0.1:${port}`,
    "--entryPoints.websecure.http.tls=true",
    `--entryPoints.traefik.address=127.0.0.1:${api}`,
    "--api.insecure=true",
    "--providers.rest.insecure=true",
    `--providers.file.filename=${file}`,
    "--providers.providersThrottleDuration=10ms",
    "--global.checkNewVersion=false",
    "--global.sendAnonymousUsage=false",
  ];
  return spawn(required("DEVSANCTUM_TEST_TRAEFIK"), args, { cwd: home, stdio: "ignore" });
}

/** As a program does that trusts the authority and nobody else. */
function callApi<T>(
  url: string,
  ca: string,
  method: string,
  path: string,
  { token, body }: { token?: string; body?: unknown } = {},
): Promise<T> {
  const { hostname, port } = new URL(url);
  const headers = {
    host: `${hostname}:${port}`,
    prefer: "wait=60",
    ...(token ? { authorization: `Bearer ${token}` } : {}),
    ...(body ? { "content-type": "application/json" } : {}),
  };
  return new Promise((resolve, reject) => {
    const options = {
      host: "127.0.0.1",
      port,
      servername: hostname,
      path: `/api/v1${path}`,
      ca,
      method,
      headers,
    };
    const request = ask(options, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (piece: string) => {
        text += piece;
      });
      response.on("end", () => {
        if ((response.statusCode ?? 500) < 300) resolve((text ? JSON.parse(text) : undefined) as T);
        else reject(new Error(`${method} ${path}: ${response.statusCode} ${text}`));
      });
    });
    request.on("error", reject);
    request.end(body ? JSON.stringify(body) : undefined);
  });
}

/** Which installation this is, as the server says when it starts. */
function installationIn(log: string): string {
  return /installation\.id=([0-9a-f-]+)/.exec(readFileSync(log, "utf8"))?.[1] ?? "";
}
