import type { Query, QueryClient } from "@tanstack/react-query";
import { keys } from "./keys";
import { ApiProblem } from "./problem";
import { followStream, type StreamState } from "./stream";
import type { LiveEvent } from "./types";
import { forgetWorkspace, placeWorkspace } from "./workspaceCache";
import { workspaceQueries } from "./workspaces";

/** Several events of one change arrive together; what they name is fetched once. */
const GATHER_MS = 60;

/**
 * The one live connection. Events only name what changed: the cache asks for it again, so what is on screen
 * is always an answer of the API and never something pieced together from messages.
 */
export function followEvents(
  client: QueryClient,
  signal: AbortSignal,
  onState: (state: StreamState) => void,
) {
  const pending = new Map<string, LiveEvent>();
  let everLive = false;

  function flush() {
    const events = [...pending.values()];
    pending.clear();
    for (const event of events) apply(client, event);
  }

  return followStream({
    path: "/api/v1/events",
    signal,
    onMessage(_type, data) {
      const event = JSON.parse(data) as LiveEvent;
      if (pending.size === 0) setTimeout(flush, GATHER_MS);
      pending.set(subject(event), event);
    },
    onState(state) {
      // What happened while the line was down may lie before what the server still remembers; what happened between
      // the first answers and the first line was told to nobody.
      if (state === "live") void client.invalidateQueries(everLive ? {} : { predicate: movesByItself });
      everLive ||= state === "live";
      onState(state);
    },
  });
}

/** Workspaces and their lists, and deployments: not what belongs to them, which only changes with them. */
function movesByItself({ queryKey }: Query): boolean {
  return queryKey[0] === "deployments" || (queryKey[0] === "workspaces" && queryKey.length === 3);
}

function subject(event: LiveEvent): string {
  return [event.type, event.workspace_id, event.deployment_id, event.template_id].join(" ");
}

function apply(client: QueryClient, event: LiveEvent) {
  const [noun] = event.type.split(".");
  if (noun === "template") {
    void client.invalidateQueries({ queryKey: keys.templates });
    if (event.template_id)
      void client.invalidateQueries({ queryKey: keys.variables("template", event.template_id) });
  }
  if (noun === "host") {
    void client.invalidateQueries({ queryKey: keys.hosts });
    void client.invalidateQueries({ queryKey: keys.readiness });
  }
  if (noun === "org" || noun === "member") {
    void client.invalidateQueries({ queryKey: keys.me });
    void client.invalidateQueries({ queryKey: keys.orgs });
    void client.invalidateQueries({ queryKey: keys.variablesOfOrgs });
  }
  if (event.deployment_id) void client.invalidateQueries({ queryKey: keys.deployment(event.deployment_id) });
  if (!event.workspace_id) return;
  void client.invalidateQueries({ queryKey: keys.deployments(event.workspace_id) });
  void client.invalidateQueries({ queryKey: keys.variables("workspace", event.workspace_id) });
  if (event.type === "workspace.destroyed") forgetFromLists(client, event.workspace_id);
  else void refreshWorkspace(client, event.workspace_id);
}

async function refreshWorkspace(client: QueryClient, id: string) {
  const query = workspaceQueries.one(id);
  // An answer that is under way may be older than the event, and would be taken for the one to this question.
  await client.cancelQueries({ queryKey: query.queryKey, exact: true });
  try {
    placeWorkspace(client, await client.fetchQuery({ ...query, staleTime: 0 }));
  } catch (error) {
    // Gone or no longer ours to see. Any other failure is shown by the view that has the query mounted.
    if (error instanceof ApiProblem && error.status === 404) forgetWorkspace(client, id);
  }
}

/** Keeps an open workspace page able to say that its workspace is destroyed. */
function forgetFromLists(client: QueryClient, id: string) {
  const open = client
    .getQueryCache()
    .find({ queryKey: keys.workspace(id) })
    ?.isActive();
  if (open) void refreshWorkspace(client, id);
  void client.invalidateQueries({ queryKey: keys.workspaceLists });
  if (!open) forgetWorkspace(client, id);
}
