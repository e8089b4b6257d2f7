import { api, body } from "./client";
import { ApiProblem } from "./problem";

/** What the server says of a terminal in words; bytes are what it shows. */
export type TerminalWord =
  | { type: "session"; id: string; resumed: boolean; component: string }
  | { type: "exit"; code: number }
  | { type: "error"; code: string; detail: string };

export const terminalPath = (workspaceId: string) => `/api/v1/workspaces/${workspaceId}/terminal`;

/** Where to connect, once and within half a minute: a browser cannot send its token with a WebSocket. */
export async function terminalAddress(
  workspaceId: string,
  query: Record<string, string>,
  signal: AbortSignal,
): Promise<string> {
  const path = terminalPath(workspaceId);
  const { ticket } = await body(api.POST("/api/v1/tickets", { body: { for: path }, signal }));
  const origin = location.origin.replace(/^http/, "ws");
  return `${origin}${path}?${new URLSearchParams({ ...query, ticket })}`;
}

/**
 * Why a connection was refused. A browser is not told: it is asked again in plain HTTP, which would only lack the
 * upgrade (426).
 */
export async function terminalRefusal(
  workspaceId: string,
  query: Record<string, string>,
  signal: AbortSignal,
): Promise<ApiProblem | undefined> {
  try {
    const { component } = query;
    await api.GET("/api/v1/workspaces/{id}/terminal", {
      params: { path: { id: workspaceId }, query: component ? { component } : {} },
      signal,
    });
  } catch (error) {
    if (error instanceof ApiProblem && error.status < 500 && error.status !== 426) return error;
  }
  return undefined;
}
