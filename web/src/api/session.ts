import { ApiProblem, problemFrom, Unreachable } from "./problem";
import { fetchPatiently } from "./repeat";
import type { Session } from "./types";

/**
 * The access token lives in this module's memory only. The refresh cookie is HttpOnly and never seen here;
 * it rotates with every use, so two refreshes with the same cookie would look like theft to the server:
 * one flight per tab, one tab at a time.
 */
export type SessionState = "unknown" | "signed-in" | "signed-out";

let accessToken: string | null = null;
let state: SessionState = "unknown";
let flight: Promise<boolean> | null = null;
const listeners = new Set<() => void>();

export const session = {
  state: () => state,
  subscribe(listener: () => void) {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
  accept(answer: Session) {
    settle(answer.access_token);
  },
  drop() {
    settle(null);
  },
  /** True when a usable access token is at hand afterwards. */
  refresh(): Promise<boolean> {
    flight ??= oneTabAtATime(requestRefresh).finally(() => {
      flight = null;
    });
    return flight;
  },
};

function settle(token: string | null) {
  accessToken = token;
  state = token ? "signed-in" : "signed-out";
  for (const listener of listeners) listener();
}

async function requestRefresh(): Promise<boolean> {
  // Whoever repeats it at once, because the answer was lost, is not taken for a thief.
  const response = await send(new Request("/api/v1/auth/refresh", { method: "POST" }), true);
  if (response.ok) {
    session.accept((await response.json()) as Session);
    return true;
  }
  // Only a refusal ends the session; a server in trouble does not sign anybody out.
  if (response.status >= 500 || response.status === 429) throw await problemFrom(response);
  session.drop();
  return false;
}

async function oneTabAtATime(work: () => Promise<boolean>): Promise<boolean> {
  // Web Locks exist in secure contexts only (https, localhost).
  return navigator.locks ? await navigator.locks.request("devsanctum-refresh", work) : work();
}

async function send(request: Request, repeatable?: boolean): Promise<Response> {
  try {
    return await fetchPatiently(request, repeatable);
  } catch (cause) {
    if (request.signal.aborted) throw cause;
    throw new Unreachable(cause);
  }
}

/** Fetch as the signed-in user. An expired token is renewed and the request repeated, once. */
export async function sessionFetch(request: Request): Promise<Response> {
  const again = request.clone();
  const used = accessToken;
  const response = await send(withToken(request));
  if (response.status !== 401 || !used) return response;
  const renewed = used !== accessToken || (await session.refresh());
  return renewed ? send(withToken(again)) : response;
}

function withToken(request: Request): Request {
  if (accessToken) request.headers.set("authorization", `Bearer ${accessToken}`);
  return request;
}

export function isSignedOut(error: unknown): boolean {
  return error instanceof ApiProblem && error.status === 401;
}
