import type { IncomingMessage, ServerResponse } from "node:http";
import type { LiveEvent } from "../src/api/types.ts";
import { now } from "./basics.ts";
import { world } from "./world.ts";

/** The server-sent streams: events, deployment logs, container logs, stats. */
export function openStream(url: URL, request: IncomingMessage, response: ServerResponse) {
  response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
  response.write(": hello\n\n");
  const [, noun, id = "", what] = url.pathname.split("/");
  const send = (data: unknown, number: number, type?: string) =>
    response.write(`id: ${number}\n${type ? `event: ${type}\n` : ""}data: ${JSON.stringify(data)}\n\n`);
  const since = Number(request.headers["last-event-id"] ?? 0);
  if (noun === "events") return streamEvents(request, send);
  if (noun === "deployments") return streamDeployment(id, since, request, response, send);
  if (what === "stats") return streamStats(id, request, send);
  return streamContainerLogs(id, url, request, send);
}

type Send = (data: unknown, number: number, type?: string) => void;

function streamEvents(request: IncomingMessage, send: Send) {
  let sequence = 0;
  const listener = (event: LiveEvent) => {
    sequence += 1;
    send(event, sequence, event.type);
  };
  world.listeners.add(listener);
  request.on("close", () => world.listeners.delete(listener));
}

function streamDeployment(
  id: string,
  since: number,
  request: IncomingMessage,
  response: ServerResponse,
  send: Send,
) {
  let sent = since;
  const timer = setInterval(pump, 150);
  function pump() {
    const lines = world.logs.get(id) ?? [];
    for (; sent < lines.length; sent += 1) send(lines[sent], sent + 1, "log");
    if (!world.deployments.get(id)?.finished_at) return;
    clearInterval(timer);
    send({}, sent, "end");
    response.end();
  }
  pump();
  request.on("close", () => clearInterval(timer));
}

function streamStats(id: string, request: IncomingMessage, send: Send) {
  let beat = 0;
  const timer = setInterval(pump, 1000);
  function pump() {
    const workspace = world.workspaces.get(id);
    beat += 1;
    workspace?.components.forEach((component, index) => {
      if (component.status !== "running") return;
      const wave = Math.sin(beat / 5 + index * 2);
      send(
        {
          component: component.name,
          time: now(),
          cpu_millis: 120 + 90 * wave + Math.random() * 60,
          memory_bytes: (140 + index * 60 + 12 * wave) * 1024 ** 2,
          memory_limit: 512 * 1024 ** 2,
          network_rx: beat * 42_000 + beat * beat * 90,
          network_tx: beat * 12_000,
          disk_bytes: 12 * 1024 ** 2,
          pids: 9 + index,
        },
        beat,
        "stats",
      );
    });
  }
  pump();
  request.on("close", () => clearInterval(timer));
}

function streamContainerLogs(id: string, url: URL, request: IncomingMessage, send: Send) {
  const wanted = url.searchParams.get("component");
  const names = world.workspaces.get(id)?.components.map((component) => component.name) ?? [];
  const speaking = wanted ? [wanted] : names;
  let count = 0;
  const speak = () => {
    const component = speaking[count % speaking.length] ?? "";
    count += 1;
    const bad = count % 17 === 0;
    const text = bad ? "WARN slow query: 412 ms" : `GET /articles/${count} 200 ${(count * 7) % 40} ms`;
    send({ time: now(), component, stream: bad ? "stderr" : "stdout", text }, count, "log");
  };
  for (let n = 0; n < 40; n += 1) speak();
  const timer = setInterval(speak, 900);
  request.on("close", () => clearInterval(timer));
}
