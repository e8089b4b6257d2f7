// The few calls of the REST API that scripts make. Errors carry the server's own words.

/** A client that signs in again when its access token runs out. */
export async function signIn(serverUrl, login, password) {
  let token;

  const send = (method, path, body, headers) =>
    fetch(`${serverUrl}/api/v1${path}`, {
      method,
      headers: {
        ...(body !== undefined && { "Content-Type": "application/json" }),
        ...(token && { Authorization: `Bearer ${token}` }),
        ...headers,
      },
      body: body === undefined ? undefined : JSON.stringify(body),
    });

  const read = async (method, path, response) => {
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return text === "" ? undefined : JSON.parse(text);
  };

  const renew = async () => {
    const response = await send("POST", "/auth/login", { login, password });
    token = (await read("POST", "/auth/login", response)).access_token;
  };

  const call = async (method, path, body, headers) => {
    let response = await send(method, path, body, headers);
    if (response.status === 401) {
      await renew();
      response = await send(method, path, body, headers);
    }
    return read(method, path, response);
  };

  await renew();
  return {
    get: (path) => call("GET", path),
    post: (path, body, headers) => call("POST", path, body, headers),
    delete: (path, headers) => call("DELETE", path, undefined, headers),
  };
}

const MOVING = ["pending", "provisioning", "stopping", "destroying"];

/** The workspace once it has stopped moving, or as it is after `seconds`. */
export async function settled(api, workspace, seconds) {
  const deadline = performance.now() + seconds * 1000;
  let now = workspace;
  while (MOVING.includes(now.status) && performance.now() < deadline) {
    await new Promise((resume) => setTimeout(resume, 200));
    now = await api.get(`/workspaces/${now.id}`);
  }
  return now;
}

/** Why the last deployment of a workspace failed, in lines fit for a terminal. */
export async function failure(api, workspace) {
  const [latest] = (await api.get(`/workspaces/${workspace.id}/deployments`)).items;
  if (!latest?.error) return [workspace.status_reason ?? "no reason given"];
  const { component, step, message, remedy, log_tail = [] } = latest.error;
  return [[component, step, message].filter(Boolean).join(": "), remedy, ...log_tail].filter(Boolean);
}
