import { useEffect, useState } from "react";
import { followStream, type StreamState } from "~/api/stream";
import type { LogLine } from "~/ui/LogView";

/** More than anybody reads; older lines make room. */
const KEPT_LINES = 5000;

interface WireLine {
  time: string | null;
  component?: string | null;
  step?: string | null;
  stream: string;
  text: string;
}

// Terminal colours and cursor moves mean nothing outside a terminal.
// biome-ignore lint/suspicious/noControlCharactersInRegex: that is what an escape sequence begins with
const ESCAPES = /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007]*(?:\u0007|\u001b\\))|\r/g;

export interface LogStream {
  lines: readonly LogLine[];
  state: StreamState;
  error: unknown;
}

interface LogSource {
  path: string;
  /** The server repeats nothing after `Last-Event-ID`; otherwise each connection begins the log anew. */
  resumes: boolean;
  /** Whether a stream that was closed in good order has ended, rather than broken. */
  finished(): boolean;
}

/** Follows a log. Another path is another log. */
export function useLogStream({ path, resumes, finished }: LogSource): LogStream {
  const [stream, setStream] = useState<LogStream>(nothing);

  // biome-ignore lint/correctness/useExhaustiveDependencies: `finished` and `resumes` belong to the path
  useEffect(() => {
    const leave = new AbortController();
    let count = 0;
    let ended = false;
    let arrived: LogLine[] = [];
    setStream(nothing);

    function show() {
      const fresh = arrived;
      arrived = [];
      setStream((old) => ({ ...old, lines: [...old.lines, ...fresh].slice(-KEPT_LINES) }));
    }

    function onState(state: StreamState) {
      const anew = state === "live" && !resumes;
      setStream((old) => ({ ...old, state, lines: anew ? [] : old.lines }));
    }

    followStream({
      path,
      signal: leave.signal,
      finished: () => ended || finished(),
      onMessage(type, data) {
        if (type === "end") {
          ended = true;
          return;
        }
        // A burst of lines is drawn once per frame.
        if (arrived.length === 0) requestAnimationFrame(show);
        arrived.push(lineOf(JSON.parse(data) as WireLine, count++));
      },
      onState,
    }).catch((error: unknown) => setStream((old) => ({ ...old, error })));
    return () => leave.abort();
  }, [path]);
  return stream;
}

const nothing: LogStream = { lines: [], state: "connecting", error: null };

function lineOf(line: WireLine, key: number): LogLine {
  return {
    key,
    time: line.time,
    source: line.component ?? line.step ?? null,
    alarming: line.stream === "stderr",
    text: line.text.replace(ESCAPES, ""),
  };
}
