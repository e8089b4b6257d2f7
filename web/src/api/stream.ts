import { EventSourceParserStream } from "eventsource-parser/stream";
import { problemFrom } from "./problem";
import { sessionFetch } from "./session";

export type StreamState = "connecting" | "live" | "retrying" | "ended";

export interface StreamOptions {
  path: string;
  signal: AbortSignal;
  onMessage(type: string, data: string): void;
  onState(state: StreamState): void;
  /** Called when the server closes the stream in good order; true means there is no more to come. */
  finished?(): boolean | Promise<boolean>;
}

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 15_000;
/** The server sends a comment at least every 15 s; a stream silent for longer is a dead connection. */
const SILENCE_MS = 45_000;

/**
 * Reads server-sent events over fetch, because EventSource cannot send an Authorization header.
 * Reconnects for ever with the last id seen, until aborted, finished, or refused with a 4xx.
 */
export async function followStream(options: StreamOptions): Promise<void> {
  const { signal, onState } = options;
  const cursor = { lastId: "" };
  let pause = FIRST_PAUSE_MS;
  while (!signal.aborted) {
    try {
      await readOnce(options, cursor, () => {
        pause = FIRST_PAUSE_MS;
        onState("live");
      });
      if (signal.aborted) return;
      if (await options.finished?.()) return onState("ended");
    } catch (error) {
      if (signal.aborted) return;
      if (isRefusal(error)) {
        onState("ended");
        throw error;
      }
    }
    onState("retrying");
    await sleep(pause * (0.5 + Math.random() / 2), signal);
    pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
  }
}

async function readOnce(options: StreamOptions, cursor: { lastId: string }, onOpen: () => void) {
  const attempt = new AbortController();
  const abort = () => attempt.abort();
  options.signal.addEventListener("abort", abort);
  let watchdog = setTimeout(abort, SILENCE_MS);
  try {
    const headers: Record<string, string> = { accept: "text/event-stream" };
    if (cursor.lastId) headers["last-event-id"] = cursor.lastId;
    const response = await sessionFetch(new Request(options.path, { headers, signal: attempt.signal }));
    if (!response.ok || !response.body) throw await problemFrom(response);
    onOpen();
    const heard = new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        clearTimeout(watchdog);
        watchdog = setTimeout(abort, SILENCE_MS);
        controller.enqueue(chunk);
      },
    });
    const messages = response.body
      .pipeThrough(heard)
      .pipeThrough(new TextDecoderStream() as TransformStream<Uint8Array, string>)
      .pipeThrough(new EventSourceParserStream());
    const reader = messages.getReader();
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      if (next.value.id) cursor.lastId = next.value.id;
      options.onMessage(next.value.event ?? "message", next.value.data);
    }
  } finally {
    clearTimeout(watchdog);
    options.signal.removeEventListener("abort", abort);
  }
}

function isRefusal(error: unknown): boolean {
  const status = (error as { status?: number }).status;
  return status !== undefined && status >= 400 && status < 500 && status !== 408 && status !== 429;
}

/** Shorter when the browser has a network again, or nobody waits any more. */
function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const awake = new AbortController();
    const wake = () => {
      clearTimeout(timer);
      awake.abort();
      resolve();
    };
    const timer = setTimeout(wake, ms);
    signal.addEventListener("abort", wake, { signal: awake.signal });
    window.addEventListener("online", wake, { signal: awake.signal });
  });
}
