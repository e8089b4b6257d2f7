/*
 * The component of the workspaces in siblings.spec.ts, run by `node -e`. It helps an attacker where a program can: it
 * lets every origin read its answers with credentials, sets any header it is asked for, and remembers who came.
 */
const { createHash } = require("node:crypto");
const { createServer } = require("node:http");

const visits = [];

const server = createServer((request, response) => {
  const url = new URL(request.url, "http://component");
  const { origin, cookie = "" } = request.headers;
  if (url.pathname === "/visits") return response.end(JSON.stringify(visits));
  // Of whatever page is shown at its address, the platform's own too.
  if (url.pathname === "/favicon.ico") return response.end();
  visits.push({ path: request.url, method: request.method, origin, cookie });
  if (origin) {
    response.setHeader("access-control-allow-origin", origin);
    response.setHeader("access-control-allow-credentials", "true");
  }
  for (const [name, value] of url.searchParams) {
    if (name.startsWith("set-")) response.appendHeader(name.slice(4), value);
  }
  switch (url.pathname) {
    case "/echo":
      response.setHeader("content-type", "application/json");
      return response.end(JSON.stringify(request.headers));
    case "/events":
      response.setHeader("content-type", "text/event-stream");
      return response.write(`data: ${JSON.stringify(request.headers)}\n\n`);
    case "/worker.js":
      response.setHeader("content-type", "text/javascript");
      response.setHeader("service-worker-allowed", "/");
      return response.end("onfetch = (event) => event.respondWith(new Response('from the worker'));");
    default:
      response.setHeader("content-type", "text/html");
      return response.end(`<!doctype html><title>${process.env.WHO}</title><h1>${process.env.WHO}</h1>`);
  }
});

/** Says in one text frame what arrived, and listens. */
server.on("upgrade", (request, socket) => {
  const { origin, cookie = "" } = request.headers;
  visits.push({ path: request.url, method: "WEBSOCKET", origin, cookie });
  const accept = createHash("sha1")
    .update(`${request.headers["sec-websocket-key"]}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
    .digest("base64");
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
  );
  const text = Buffer.from(JSON.stringify(request.headers));
  const length = Buffer.alloc(2);
  length.writeUInt16BE(text.length);
  socket.write(Buffer.concat([Buffer.from([0x81, 126]), length, text]));
  socket.on("error", () => socket.destroy());
});

server.listen(8080);
process.on("SIGTERM", () => process.exit());
