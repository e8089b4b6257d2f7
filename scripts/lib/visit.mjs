// A request to a workspace's URL. Its host name is below *.localhost, which Node leaves to a resolver that may not know
// it, so the connection goes to this machine and the name goes into the Host header.

import { request } from "node:http";

export function visit(url, path, body, { accept = "*/*", token } = {}) {
  const { host, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const headers = {
      Host: host,
      Accept: accept,
      ...(body && { "Content-Type": "application/json" }),
      ...(token && { Authorization: `Bearer ${token}` }),
    };
    const outgoing = request({ hostname: "127.0.0.1", port: port || 80, path, method: body ? "POST" : "GET", headers });
    outgoing.setTimeout(30_000, () => outgoing.destroy(new Error(`${url}${path}: no answer in 30 s`)));
    outgoing.once("error", reject);
    outgoing.once("response", async (response) => {
      let text = "";
      for await (const chunk of response.setEncoding("utf8")) text += chunk;
      resolve({ status: response.statusCode, headers: response.headers, body: text });
    });
    outgoing.end(body && JSON.stringify(body));
  });
}
