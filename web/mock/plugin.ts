import type { IncomingMessage, ServerResponse } from "node:http";
import type { Connect, Plugin } from "vite";
import { answers } from "./answers.ts";
import { type Call, Refusal } from "./call.ts";
import { seed } from "./seed.ts";
import { openStream } from "./streams.ts";
import { readiness } from "./systemAnswers.ts";

/** Answers the server's paths from memory while developing without a server: `npm run dev` with no DEVSANCTUM_URL. */
export function mockServer(): Plugin {
  return {
    name: "devsanctum-mock",
    configureServer: (server) => answerFromMemory(server.middlewares),
    configurePreviewServer: (server) => answerFromMemory(server.middlewares),
  };
}

function answerFromMemory(middlewares: Connect.Server) {
  if (process.env.VITEST) return;
  seed();
  middlewares.use("/api/v1", (request, response) => {
    void serve(request, response);
  });
  middlewares.use("/readyz", (_, response) => send(response, 200, readiness));
}

async function serve(request: IncomingMessage, response: ServerResponse) {
  const url = new URL(request.url ?? "/", "http://mock");
  try {
    const call = await callOf(request, url);
    if (!isOpen(url.pathname) && !request.headers.authorization)
      throw new Refusal(401, "unauthenticated", "Sign in first.");
    if (request.headers.accept?.includes("text/event-stream")) return openStream(url, request, response);
    for (const [method, pattern, answer] of answers) {
      const path = request.method === method ? matchPath(pattern, url.pathname) : null;
      if (!path) continue;
      const found = answer({ ...call, path });
      if (found.cookie !== undefined)
        response.setHeader("set-cookie", `mock=${found.cookie}; Path=/api/v1/auth; HttpOnly`);
      if (found.file) {
        response.setHeader("content-type", found.file.type);
        return response.end(found.file.text);
      }
      return send(response, found.status ?? 200, found.body);
    }
    throw new Refusal(404, "not_found", `Nothing answers ${request.method} ${url.pathname}.`);
  } catch (error) {
    const refusal = error instanceof Refusal ? error : new Refusal(500, "internal", String(error));
    send(response, refusal.status, {
      type: "about:blank",
      title: refusal.code,
      status: refusal.status,
      detail: refusal.message,
      code: refusal.code,
      request_id: "01JD4W8Q7M5X",
      errors: refusal.fields,
    });
  }
}

/** What answers without a session. */
function isOpen(pathname: string): boolean {
  return /^\/auth\/(?!device\/)|^\/invitations\/show$/.test(pathname);
}

function matchPath(pattern: string, pathname: string): Record<string, string> | null {
  const wanted = pattern.split("/");
  const given = pathname.split("/");
  if (wanted.length !== given.length) return null;
  const path: Record<string, string> = {};
  for (const [index, part] of wanted.entries()) {
    const value = given[index] ?? "";
    if (part.startsWith(":")) path[part.slice(1)] = decodeURIComponent(value);
    else if (part !== value) return null;
  }
  return path;
}

async function callOf(request: IncomingMessage, url: URL): Promise<Call> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString();
  return {
    query: url.searchParams,
    path: {},
    accept: request.headers.accept ?? "",
    signedIn: Boolean(request.headers.cookie?.includes("mock=1")),
    body: text ? JSON.parse(text) : {},
  };
}

function send(response: ServerResponse, status: number, body: unknown) {
  response.statusCode = status;
  response.setHeader("content-type", status < 400 ? "application/json" : "application/problem+json");
  response.end(body === undefined ? undefined : JSON.stringify(body));
}
