/** Names of terminals of this browser tab, so that a page that is loaded again finds its shell. They open nothing by themselves. */
const key = (workspaceId: string, component: string) => `terminal ${workspaceId} ${component}`;

export function rememberedSession(workspaceId: string, component: string): string | undefined {
  try {
    return sessionStorage.getItem(key(workspaceId, component)) ?? undefined;
  } catch {
    return undefined; // Storage is blocked: each page has a shell of its own.
  }
}

export function rememberSession(workspaceId: string, component: string, session: string | undefined) {
  try {
    if (session) sessionStorage.setItem(key(workspaceId, component), session);
    else sessionStorage.removeItem(key(workspaceId, component));
  } catch {
    // As above.
  }
}
