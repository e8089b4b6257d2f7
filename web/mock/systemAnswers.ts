import type { Host, Readiness } from "../src/api/types.ts";
import { ago, id } from "./basics.ts";
import { type Answers, list } from "./call.ts";

const host: Host = {
  id: id(),
  name: "local",
  endpoint: "unix:///var/run/docker.sock",
  status: "reachable",
  status_reason: null,
  status_since: ago(60 * 26),
  cordoned: false,
  facts: {
    engine_version: "28.3.2",
    api_version: "1.51",
    operating_system: "Debian GNU/Linux 12 (bookworm)",
    architecture: "x86_64",
    cpus: 16,
    memory_bytes: 64 * 2 ** 30,
    storage_driver: "overlay2",
    cgroup_version: "2",
  },
  unexplained: { workspaces: [], containers: 0, networks: 0, volumes: 0 },
  created_at: ago(60 * 24 * 90),
  updated_at: ago(60 * 26),
};

export const readiness: Readiness = {
  status: "ok",
  parts: [
    { name: "database", status: "ok", detail: null },
    {
      name: "proxy",
      status: "degraded",
      detail: "1 of Traefik's routers do not serve, one because: entryPoint \"websecure\" doesn't exist",
    },
    { name: "docker:local", status: "ok", detail: null },
    { name: "mail", status: "ok", detail: null },
  ],
};

export const systemAnswers: Answers = [["GET", "/hosts", () => list([host])]];
