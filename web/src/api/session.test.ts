import { beforeEach, describe, expect, it, vi } from "vitest";

type Server = (request: Request) => Response | Promise<Response>;

const user = { id: "u1", username: "ada" };
const signedIn = (token: string) =>
  Response.json({ access_token: token, expires_in: 900, token_type: "Bearer", user });

async function fresh(server: Server) {
  vi.resetModules();
  const calls: string[] = [];
  vi.stubGlobal(
    "fetch",
    vi.fn(async (request: Request) => {
      calls.push(`${new URL(request.url).pathname} ${request.headers.get("authorization") ?? "-"}`);
      return server(request);
    }),
  );
  return { ...(await import("./session")), calls };
}

const call = () => new Request("http://localhost/api/v1/me", { method: "POST", body: "{}" });

describe("session", () => {
  beforeEach(() => vi.unstubAllGlobals());

  it("renews an expired token and repeats the request once", async () => {
    const { session, sessionFetch, calls } = await fresh((request) => {
      if (request.url.endsWith("/refresh")) return signedIn("new");
      return new Response(null, {
        status: request.headers.get("authorization") === "Bearer new" ? 200 : 401,
      });
    });
    session.accept({ access_token: "old" } as never);
    expect((await sessionFetch(call())).status).toBe(200);
    expect(calls).toEqual(["/api/v1/me Bearer old", "/api/v1/auth/refresh -", "/api/v1/me Bearer new"]);
  });

  it("refreshes once for many requests that fail together", async () => {
    const { session, sessionFetch, calls } = await fresh(async (request) => {
      if (request.url.endsWith("/refresh")) {
        await new Promise((resolve) => setTimeout(resolve, 10));
        return signedIn("new");
      }
      return new Response(null, {
        status: request.headers.get("authorization") === "Bearer new" ? 200 : 401,
      });
    });
    session.accept({ access_token: "old" } as never);
    const answers = await Promise.all([sessionFetch(call()), sessionFetch(call()), sessionFetch(call())]);
    expect(answers.map((answer) => answer.status)).toEqual([200, 200, 200]);
    expect(calls.filter((each) => each.startsWith("/api/v1/auth/refresh"))).toHaveLength(1);
  });

  it("ends when the refresh is refused, and gives back the refusal", async () => {
    const { session, sessionFetch } = await fresh(() => new Response(null, { status: 401 }));
    session.accept({ access_token: "old" } as never);
    const told = vi.fn();
    session.subscribe(told);
    expect((await sessionFetch(call())).status).toBe(401);
    expect(session.state()).toBe("signed-out");
    expect(told).toHaveBeenCalledTimes(1);
  });

  it("survives a server in trouble", async () => {
    const { session } = await fresh(() => new Response(null, { status: 503 }));
    session.accept({ access_token: "old" } as never);
    await expect(session.refresh()).rejects.toMatchObject({ status: 503 });
    expect(session.state()).toBe("signed-in");
  });

  it("asks again for what may be asked twice, and for nothing else", async () => {
    vi.useFakeTimers();
    const tries = async (request: Request) => {
      let count = 0;
      const { sessionFetch } = await fresh(() => {
        count += 1;
        return count < 3 ? Promise.reject(new TypeError("network changed")) : Response.json({});
      });
      const outcome = sessionFetch(request).then(
        (response) => response.status,
        (error: Error) => error.name,
      );
      await vi.runAllTimersAsync();
      return [count, await outcome];
    };
    const url = "http://localhost/api/v1/me/variables/PATH";
    expect(await tries(new Request(url, { method: "PUT", body: "{}" }))).toEqual([3, 200]);
    expect(await tries(new Request(url, { method: "DELETE" }))).toEqual([3, 200]);
    const keyed = { method: "POST", headers: { "idempotency-key": "k" }, body: "{}" };
    expect(await tries(new Request(url, keyed))).toEqual([3, 200]);
    expect(await tries(new Request(url, { method: "POST", body: "{}" }))).toEqual([1, "Unreachable"]);
    expect(await tries(new Request(url))).toEqual([1, "Unreachable"]);
    vi.useRealTimers();
  });

  it("says when nobody answers", async () => {
    const { sessionFetch } = await fresh(() => Promise.reject(new TypeError("network")));
    await expect(sessionFetch(call())).rejects.toMatchObject({ name: "Unreachable" });
  });
});
