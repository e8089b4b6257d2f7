import { afterEach, describe, expect, it, vi } from "vitest";
import { followStream, type StreamState } from "./stream";

const events = (text: string) => new Response(text, { headers: { "content-type": "text/event-stream" } });

function serve(...answers: (() => Response)[]) {
  const seen: (string | null)[] = [];
  vi.stubGlobal(
    "fetch",
    vi.fn(async (request: Request) => {
      seen.push(request.headers.get("last-event-id"));
      const answer = answers[seen.length - 1];
      if (!answer) throw new TypeError("network");
      return answer();
    }),
  );
  return seen;
}

function follow(finished?: () => boolean) {
  const leave = new AbortController();
  const messages: string[] = [];
  const states: StreamState[] = [];
  const done = followStream({
    path: "http://localhost/api/v1/events",
    signal: leave.signal,
    onMessage: (type, data) => messages.push(`${type} ${data}`),
    onState: (state) => states.push(state),
    ...(finished && { finished }),
  });
  return { leave, messages, states, done };
}

describe("followStream", () => {
  afterEach(() => vi.unstubAllGlobals());

  it("resumes after the last event it saw", async () => {
    const seen = serve(
      () => events("id: 7\nevent: log\ndata: one\n\n"),
      () => events("id: 8\ndata: two\n\n"),
    );
    let closed = 0;
    const { messages, states, done } = follow(() => ++closed === 2);
    await done;
    expect(seen).toEqual([null, "7"]);
    expect(messages).toEqual(["log one", "message two"]);
    expect(states).toEqual(["live", "retrying", "live", "ended"]);
  });

  it("gives up on a refusal, and says which", async () => {
    serve(() => new Response(null, { status: 404 }));
    const { states, done } = follow();
    await expect(done).rejects.toMatchObject({ status: 404 });
    expect(states).toEqual(["ended"]);
  });

  it("tries at once when the network is back", async () => {
    vi.useFakeTimers();
    try {
      const seen = serve(
        () => new Response(null, { status: 503 }),
        () => events("data: back\n\n"),
      );
      const { done, states } = follow(() => true);
      await vi.waitFor(() => expect(states).toEqual(["retrying"]));
      window.dispatchEvent(new Event("online"));
      await done;
      expect(seen).toHaveLength(2);
    } finally {
      vi.useRealTimers();
    }
  });

  it("keeps trying while the server is away, until it is told to leave", async () => {
    const seen = serve(
      () => new Response(null, { status: 503 }),
      () => events("data: back\n\n"),
    );
    const { leave, messages, states, done } = follow();
    await vi.waitFor(() => expect(messages).toEqual(["message back"]), { timeout: 3000 });
    leave.abort();
    await done;
    expect(seen.length).toBeGreaterThanOrEqual(2);
    expect(states.slice(0, 2)).toEqual(["retrying", "live"]);
  });
});
