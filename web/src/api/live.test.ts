import { QueryObserver } from "@tanstack/react-query";
import { afterEach, describe, expect, it, vi } from "vitest";
import { keys } from "./keys";
import { followEvents } from "./live";
import { makeQueryClient } from "./queryClient";
import type { LiveEvent, Workspace } from "./types";
import { workspaceQueries } from "./workspaces";

const workspace = (id: string, status: Workspace["status"], updated_at: string) =>
  ({ id, name: id, status, updated_at }) as Workspace;

const page = (...items: Workspace[]) => ({ pages: [{ items, next_cursor: null }], pageParams: [""] });

/** A server that streams the given events once, then holds the line. */
function serve(events: Partial<LiveEvent>[], workspaces: Workspace[]) {
  const asked: string[] = [];
  vi.stubGlobal(
    "fetch",
    vi.fn(async (request: Request) => {
      const { pathname } = new URL(request.url);
      if (pathname.endsWith("/events")) {
        const text = events
          .map((event, index) => `id: ${index}\ndata: ${JSON.stringify(event)}\n\n`)
          .join("");
        const body = new ReadableStream({
          start: (controller) => controller.enqueue(new TextEncoder().encode(text)),
        });
        return new Response(body, { headers: { "content-type": "text/event-stream" } });
      }
      asked.push(pathname);
      const found = workspaces.find((each) => pathname.endsWith(each.id));
      return found ? Response.json(found) : Response.json({ title: "Not found" }, { status: 404 });
    }),
  );
  return asked;
}

describe("followEvents", () => {
  afterEach(() => vi.unstubAllGlobals());

  it("asks once for a workspace named several times, and moves list and detail together", async () => {
    const event = { type: "workspace.updated" as const, workspace_id: "w1" };
    const asked = serve([event, event, event], [workspace("w1", "running", "2026-01-02")]);
    const client = makeQueryClient();
    client.setQueryData(keys.workspaceList(""), page(workspace("w1", "pending", "2026-01-01")));
    const leave = new AbortController();
    void followEvents(client, leave.signal, () => undefined);
    await vi.waitFor(() =>
      expect(client.getQueryData(keys.workspaceList(""))).toEqual(
        page(workspace("w1", "running", "2026-01-02")),
      ),
    );
    expect(client.getQueryData(keys.workspace("w1"))).toMatchObject({ status: "running" });
    expect(asked).toEqual(["/api/v1/workspaces/w1"]);
    leave.abort();
  });

  it("does not take an answer that was under way for the news", async () => {
    const event = { type: "workspace.updated" as const, workspace_id: "w1" };
    const answers: ((workspace: Workspace) => void)[] = [];
    const stream = new TransformStream<Uint8Array, Uint8Array>();
    const say = stream.writable.getWriter();
    const tell = () => say.write(new TextEncoder().encode(`data: ${JSON.stringify(event)}\n\n`));
    vi.stubGlobal("fetch", async (request: Request) => {
      if (request.url.endsWith("/events")) return new Response(stream.readable);
      return new Promise((resolve) => {
        answers.push((workspace) => resolve(Response.json(workspace)));
      });
    });
    const client = makeQueryClient();
    client.setQueryData(keys.workspace("w1"), workspace("w1", "running", "1"));
    const leave = new AbortController();
    void followEvents(client, leave.signal, () => undefined);
    void tell();
    await vi.waitFor(() => expect(answers).toHaveLength(1));
    void tell();
    await vi.waitFor(() => expect(answers).toHaveLength(2));
    answers[1]?.(workspace("w1", "stopped", "3"));
    answers[0]?.(workspace("w1", "stopping", "2"));
    await vi.waitFor(() =>
      expect(client.getQueryData(keys.workspace("w1"))).toMatchObject({ status: "stopped" }),
    );
    leave.abort();
  });

  it("asks again for what was answered before the line stood", async () => {
    serve([], [workspace("w1", "stopped", "2")]);
    const client = makeQueryClient();
    client.setQueryData(keys.workspace("w1"), workspace("w1", "running", "1"));
    const shown = new QueryObserver(client, workspaceQueries.one("w1"));
    const hide = shown.subscribe(() => undefined);
    const leave = new AbortController();
    void followEvents(client, leave.signal, () => undefined);
    await vi.waitFor(() => expect(shown.getCurrentResult().data?.status).toBe("stopped"));
    leave.abort();
    hide();
  });

  it("takes a destroyed workspace out of the lists", async () => {
    serve([{ type: "workspace.destroyed", workspace_id: "w1" }], []);
    const client = makeQueryClient();
    client.setQueryData(
      keys.workspaceList(""),
      page(workspace("w1", "running", "1"), workspace("w2", "running", "1")),
    );
    const leave = new AbortController();
    void followEvents(client, leave.signal, () => undefined);
    await vi.waitFor(() =>
      expect(client.getQueryData(keys.workspaceList(""))).toEqual(page(workspace("w2", "running", "1"))),
    );
    leave.abort();
  });
});
