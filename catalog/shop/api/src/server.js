import { createServer } from "node:http";
import { openShop, Refused } from "./shop.js";

const PORT = 8080;
const LARGEST_BODY = 64 * 1024;

const shop = await openShop(process.env.DATABASE_URL);

const routes = {
  "GET /healthz": async () => [200, { status: "ok" }],
  "GET /api/shop": async () => [200, { name: process.env.SHOP_NAME, currency: process.env.CURRENCY }],
  "GET /api/products": async () => [200, await shop.products()],
  "GET /api/orders": async () => [200, await shop.latestOrders()],
  "POST /api/orders": async (request) => [201, await shop.placeOrder((await json(request)).items)],
};

async function json(request) {
  let text = "";
  for await (const chunk of request.setEncoding("utf8")) {
    text += chunk;
    if (text.length > LARGEST_BODY) throw new Refused(413, "That is too much for one order.");
  }
  try {
    return JSON.parse(text);
  } catch {
    throw new Refused(400, "The body is not JSON.");
  }
}

async function answer(request) {
  const { pathname } = new URL(request.url, "http://shop");
  const route = routes[`${request.method} ${pathname}`];
  if (!route) return [404, { message: "There is nothing here." }];
  try {
    return await route(request);
  } catch (error) {
    if (error instanceof Refused) return [error.status, { message: error.message }];
    console.error(error);
    return [500, { message: "The shop had a problem; its log says which." }];
  }
}

const server = createServer(async (request, response) => {
  const [status, body] = await answer(request);
  response.writeHead(status, { "Content-Type": "application/json" }).end(JSON.stringify(body));
});

server.listen(PORT, () => console.log(`listening on ${PORT}`));

process.once("SIGTERM", () => {
  server.close(() => shop.close());
  server.closeIdleConnections();
});
