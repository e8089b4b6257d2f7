import type { ConnectionState } from "./connection";

interface StateLine {
  label: string;
  tone: "run" | "move" | "rest" | "fail";
}

export function stateLine(state: ConnectionState): StateLine {
  switch (state.kind) {
    case "connecting":
      return { label: "Connecting", tone: "move" };
    case "connected":
      return { label: "Connected", tone: "run" };
    case "reconnecting":
      return { label: "The line broke; connecting again", tone: "move" };
    case "exited":
      return state.code === 0
        ? { label: "The shell ended", tone: "rest" }
        : { label: `The shell ended with code ${state.code}`, tone: "fail" };
    case "elsewhere":
      return { label: sentence(state.detail), tone: "rest" };
    case "refused":
      return { label: sentence(state.detail), tone: "fail" };
  }
}

/** What its button says where the person has to decide. */
export function next({ kind }: ConnectionState): string | undefined {
  if (kind === "exited") return "Start again";
  if (kind === "elsewhere") return "Go on here";
  return kind === "refused" ? "Try again" : undefined;
}

/** Details of the server begin in lower case. */
const sentence = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);
