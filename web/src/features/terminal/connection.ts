import { ApiProblem } from "~/api/problem";
import type { TerminalWord } from "~/api/terminal";

export type ConnectionState =
  | { kind: "connecting" }
  | { kind: "connected" }
  /** The line broke, and is taken up again by itself. */
  | { kind: "reconnecting" }
  /** The shell ended with this code. */
  | { kind: "exited"; code: number }
  /** The same person goes on in another place. */
  | { kind: "elsewhere"; detail: string }
  | { kind: "refused"; detail: string };

export interface Line {
  /** Where to connect, for a terminal that is there or a new one. Throws what the server refuses. */
  address(session: string | undefined, signal: AbortSignal): Promise<string>;
  /** Why a connection was refused, if for a reason that lasts. */
  refusal(signal: AbortSignal): Promise<ApiProblem | undefined>;
  onState(state: ConnectionState): void;
  /** A terminal begins, or begins to be shown again. */
  onBegin(session: string): void;
  onBytes(bytes: Uint8Array): void;
  /** The name it had means nothing any more. */
  onEnd(): void;
}

export interface Connection {
  send(bytes: Uint8Array): void;
  resize(cols: number, rows: number): void;
  close(): void;
}

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 10_000;
/** The server takes a mebibyte at a time. */
const LARGEST_MESSAGE = 256 * 1024;

type Outcome = "over" | "again";

/** Keeps a line to a terminal until the shell ends, the server refuses, or it is closed. */
export function connect(line: Line, first: string | undefined): Connection {
  const leave = new AbortController();
  let session = first;
  let socket: WebSocket | undefined;

  function hear(word: TerminalWord): Outcome {
    if (word.type === "session") {
      session = word.id;
      line.onBegin(word.id);
      line.onState({ kind: "connected" });
      return "again";
    }
    if (word.type === "error" && word.code === "taken_over") {
      line.onState({ kind: "elsewhere", detail: word.detail });
      return "over";
    }
    session = undefined;
    line.onEnd();
    // It comes back, or another one in its place.
    if (word.type === "error" && word.code === "server_stopping") return "again";
    line.onState(
      word.type === "exit" ? { kind: "exited", code: word.code } : { kind: "refused", detail: word.detail },
    );
    return "over";
  }

  function talk(address: string): Promise<{ opened: boolean; outcome: Outcome }> {
    return new Promise((resolve) => {
      const current = new WebSocket(address);
      current.binaryType = "arraybuffer";
      let opened = false;
      let outcome: Outcome = "again";
      current.onmessage = ({ data }) => {
        if (typeof data !== "string") return line.onBytes(new Uint8Array(data as ArrayBuffer));
        opened = true;
        outcome = hear(JSON.parse(data) as TerminalWord);
      };
      current.onclose = () => resolve({ opened, outcome });
      leave.signal.addEventListener("abort", () => current.close(), { once: true });
      socket = current;
    });
  }

  async function keep() {
    let pause = FIRST_PAUSE_MS;
    line.onState({ kind: "connecting" });
    while (!leave.signal.aborted) {
      try {
        const { opened, outcome } = await talk(await line.address(session, leave.signal));
        if (leave.signal.aborted || outcome === "over") return;
        if (opened) pause = FIRST_PAUSE_MS;
        const refusal = opened ? undefined : await line.refusal(leave.signal);
        if (refusal) throw refusal;
      } catch (error) {
        if (leave.signal.aborted) return;
        if (error instanceof ApiProblem && error.status < 500 && error.status !== 429) {
          return line.onState({ kind: "refused", detail: error.message });
        }
      }
      line.onState({ kind: "reconnecting" });
      await sleep(pause * (0.5 + Math.random() / 2), leave.signal);
      pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
    }
  }

  function whenOpen(send: (socket: WebSocket) => void) {
    if (socket?.readyState === WebSocket.OPEN) send(socket);
  }

  void keep();
  return {
    send: (bytes) =>
      whenOpen((open) => {
        for (let at = 0; at < bytes.length; at += LARGEST_MESSAGE) {
          open.send(bytes.slice(at, at + LARGEST_MESSAGE));
        }
      }),
    resize: (cols, rows) => whenOpen((open) => open.send(JSON.stringify({ type: "resize", cols, rows }))),
    close: () => leave.abort(),
  };
}

/** Until the time is over, the network is back, or nobody waits any more. */
function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      window.removeEventListener("online", done);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    window.addEventListener("online", done);
    signal.addEventListener("abort", done);
  });
}
