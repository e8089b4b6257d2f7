import { QueryClient } from "@tanstack/react-query";
import { afterEach, describe, expect, it, vi } from "vitest";
import { ApiProblem, Unreachable } from "./problem";
import { systemQueries } from "./system";

const ask = () => new QueryClient().fetchQuery({ ...systemQueries.readiness(), retry: false });
const answer = (status: number, type: string, body: string) =>
  vi.stubGlobal("fetch", async () => new Response(body, { status, headers: { "content-type": type } }));

afterEach(() => vi.unstubAllGlobals());

describe("readiness", () => {
  it("takes what fails for an answer", async () => {
    const failing = { status: "failing", parts: [{ name: "database", status: "failing", detail: "gone" }] };
    answer(503, "application/json", JSON.stringify(failing));
    await expect(ask()).resolves.toEqual(failing);
  });

  it("fails when something else answers", async () => {
    answer(502, "text/html", "<h1>Bad Gateway</h1>");
    await expect(ask()).rejects.toBeInstanceOf(ApiProblem);
    answer(503, "application/problem+json", JSON.stringify({ status: 503, title: "busy" }));
    await expect(ask()).rejects.toThrow("busy");
  });

  it("fails when nothing answers", async () => {
    vi.stubGlobal("fetch", async () => {
      throw new TypeError("Failed to fetch");
    });
    await expect(ask()).rejects.toBeInstanceOf(Unreachable);
  });
});
