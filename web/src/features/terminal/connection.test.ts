import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ApiProblem } from "~/api/problem";
import { type ConnectionState, connect, type Line } from "./connection";

/** A WebSocket that does what the test says. */
class FakeSocket {
  static readonly OPEN = 1;
  static all: FakeSocket[] = [];
  readyState = FakeSocket.OPEN;
  binaryType = "";
  sent: unknown[] = [];
  onmessage?: (event: { data: unknown }) => void;
  onclose?: () => void;

  constructor(readonly address: string) {
    FakeSocket.all.push(this);
  }
  send(data: unknown) {
    this.sent.push(data);
  }
  close() {
    this.readyState = 3;
    this.onclose?.();
  }
  say(word: object) {
    this.onmessage?.({ data: JSON.stringify(word) });
  }
}

let states: ConnectionState[];
let shown: string;
let line: Line;
const signals = new Set<AbortSignal>();

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("WebSocket", FakeSocket);
  FakeSocket.all = [];
  states = [];
  shown = "";
  line = {
    address: async (session, signal) => {
      signals.add(signal);
      return `ws://here/?session=${session ?? ""}`;
    },
    refusal: async () => undefined,
    onState: (state) => states.push(state),
    onBegin: vi.fn(),
    onBytes: (bytes) => {
      shown += new TextDecoder().decode(bytes);
    },
    onEnd: vi.fn(),
  };
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

async function socket(number: number): Promise<FakeSocket> {
  await vi.advanceTimersByTimeAsync(20_000);
  const found = FakeSocket.all[number];
  if (!found) throw new Error(`there are ${FakeSocket.all.length} connections`);
  return found;
}

const begin = { type: "session", id: "a", resumed: false, component: "dev" };

describe("a line to a terminal", () => {
  it("carries what is typed, what is shown and the size", async () => {
    const connection = connect(line, undefined);
    const first = await socket(0);
    first.say(begin);
    first.onmessage?.({ data: new TextEncoder().encode("42").buffer });
    connection.send(new Uint8Array(600 * 1024));
    connection.resize(80, 24);
    expect(shown).toBe("42");
    expect(first.sent.slice(0, 3).map((each) => (each as Uint8Array).length)).toEqual([
      262144, 262144, 90112,
    ]);
    expect(first.sent[3]).toBe('{"type":"resize","cols":80,"rows":24}');
    expect(states).toEqual([{ kind: "connecting" }, { kind: "connected" }]);
  });

  it("is taken up again where it broke", async () => {
    connect(line, undefined);
    const first = await socket(0);
    first.say(begin);
    first.close();
    const second = await socket(1);
    expect(second.address).toBe("ws://here/?session=a");
    second.say({ ...begin, resumed: true });
    expect(states.map(({ kind }) => kind)).toEqual(["connecting", "connected", "reconnecting", "connected"]);
  });

  it("ends with the shell, and forgets its name", async () => {
    connect(line, "a");
    const first = await socket(0);
    expect(first.address).toBe("ws://here/?session=a");
    first.say(begin);
    first.say({ type: "exit", code: 3 });
    first.close();
    await expect(socket(1)).rejects.toThrow();
    expect(states.at(-1)).toEqual({ kind: "exited", code: 3 });
    expect(line.onEnd).toHaveBeenCalledOnce();
  });

  it("stays away where another place took over, and keeps the name", async () => {
    connect(line, undefined);
    const first = await socket(0);
    first.say(begin);
    first.say({ type: "error", code: "taken_over", detail: "it goes on there" });
    first.close();
    await expect(socket(1)).rejects.toThrow();
    expect(states.at(-1)).toEqual({ kind: "elsewhere", detail: "it goes on there" });
    expect(line.onEnd).not.toHaveBeenCalled();
  });

  it("asks for a new shell when the server comes back", async () => {
    connect(line, undefined);
    const first = await socket(0);
    first.say(begin);
    first.say({ type: "error", code: "server_stopping", detail: "soon" });
    first.close();
    expect((await socket(1)).address).toBe("ws://here/?session=");
  });

  it("says why it was refused, and does not try on", async () => {
    const told = { type: "about:blank", title: "Conflict", status: 409, code: "too_many_terminals" };
    const problem = new ApiProblem({ ...told, detail: "you have 8 terminals", request_id: "", errors: [] });
    line.refusal = async () => problem;
    connect(line, undefined);
    (await socket(0)).close();
    await expect(socket(1)).rejects.toThrow();
    expect(states.at(-1)).toEqual({ kind: "refused", detail: "you have 8 terminals" });
  });

  it("leaves nothing behind when it is closed", async () => {
    const connection = connect(line, undefined);
    const first = await socket(0);
    connection.close();
    expect(first.readyState).toBe(3);
    await expect(socket(1)).rejects.toThrow();
  });
});
