import { infiniteQueryOptions, queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { api, body } from "./client";
import { keys } from "./keys";
import type { CreateWorkspace, Route, Workspace, WorkspaceStatus } from "./types";
import { expectStatus, forgetWorkspace, placeWorkspace } from "./workspaceCache";

const PAGE_SIZE = 100;

export const workspaceQueries = {
  list: (search: string) =>
    infiniteQueryOptions({
      queryKey: keys.workspaceList(search),
      queryFn: ({ pageParam, signal }) =>
        body(
          api.GET("/api/v1/workspaces", {
            params: {
              query: {
                limit: PAGE_SIZE,
                ...(search && { q: search }),
                ...(pageParam && { cursor: pageParam }),
              },
            },
            signal,
          }),
        ),
      initialPageParam: "",
      getNextPageParam: (page) => page.next_cursor ?? undefined,
    }),
  one: (id: string) =>
    queryOptions({
      queryKey: keys.workspace(id),
      queryFn: ({ signal }) => body(api.GET("/api/v1/workspaces/{id}", { params: { path: { id } }, signal })),
    }),
  ports: (id: string) =>
    queryOptions({
      queryKey: keys.ports(id),
      queryFn: ({ signal }) =>
        body(api.GET("/api/v1/workspaces/{id}/ports", { params: { path: { id } }, signal })),
    }),
};

export function containerLogsPath(id: string, component?: string): string {
  const query = new URLSearchParams({ follow: "true", tail: "500", ...(component && { component }) });
  return `/api/v1/workspaces/${id}/logs?${query}`;
}

export const statsPath = (id: string) => `/api/v1/workspaces/${id}/stats`;

export type LifecycleVerb = "start" | "stop" | "restart" | "retry" | "cancel";

const lifecycle: Record<LifecycleVerb, (id: string) => Promise<Workspace>> = {
  start: (id) => body(api.POST("/api/v1/workspaces/{id}/start", { params: { path: { id } } })),
  stop: (id) => body(api.POST("/api/v1/workspaces/{id}/stop", { params: { path: { id } } })),
  restart: (id) => body(api.POST("/api/v1/workspaces/{id}/restart", { params: { path: { id } } })),
  retry: (id) => body(api.POST("/api/v1/workspaces/{id}/retry", { params: { path: { id } } })),
  cancel: (id) => body(api.POST("/api/v1/workspaces/{id}/cancel", { params: { path: { id } } })),
};

/** What is shown until the server has answered. Where a retry or a cancelled change leads is not known. */
const expected: Partial<Record<LifecycleVerb, WorkspaceStatus>> = {
  start: "pending",
  stop: "stopping",
  restart: "pending",
};

/**
 * For whichever workspace is named with the call. It is shown as changing at once, and as it was if that is refused: the
 * button that was pressed may be gone by then, so only what is awaited or held above it can say why.
 */
export function useLifecycle() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ verb, workspace }: { verb: LifecycleVerb; workspace: Pick<Workspace, "id"> }) =>
      lifecycle[verb](workspace.id),
    onMutate: ({ verb, workspace }) => {
      const status = expected[verb];
      return status && expectStatus(client, workspace.id, status);
    },
    onError: (_error, _call, takeBack) => takeBack?.(),
    onSuccess: (workspace) => placeWorkspace(client, workspace),
    onSettled: (_answer, _error, { workspace }) =>
      client.invalidateQueries({ queryKey: keys.deployments(workspace.id) }),
  });
}

/** New containers around the same volumes, of the same version, with what its variables are now. */
export function useRenewWorkspace({ id, template }: Pick<Workspace, "id" | "template">) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () =>
      body(
        api.POST("/api/v1/workspaces/{id}/update", {
          params: { path: { id } },
          body: { version: template.version },
        }),
      ),
    onSuccess: (workspace) => placeWorkspace(client, workspace),
    onSettled: () => client.invalidateQueries({ queryKey: keys.deployments(id) }),
  });
}

/** Of whichever workspace is named with the call. */
export function useDestroyWorkspace() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ id, keepVolumes }: { id: string; keepVolumes: boolean }) =>
      body(
        api.DELETE("/api/v1/workspaces/{id}", {
          params: { path: { id }, query: keepVolumes ? { keep_volumes: true } : {} },
        }),
      ),
    onSuccess: (workspace, { id }) => {
      if (workspace && workspace.status !== "destroyed") placeWorkspace(client, workspace);
      else forgetWorkspace(client, id);
    },
  });
}

export function useCreateWorkspace(org: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ request, idempotencyKey }: { request: CreateWorkspace; idempotencyKey: string }) =>
      body(
        api.POST("/api/v1/orgs/{org}/workspaces", {
          params: { path: { org }, header: { "Idempotency-Key": idempotencyKey } },
          body: request,
        }),
      ),
    onSuccess: (workspace) => placeWorkspace(client, workspace),
    // It holds secrets.
    gcTime: 0,
  });
}

/** What lets this browser into a workspace's address, once and soon. */
export function useTicket() {
  return useMutation({
    mutationFn: (url: string) => body(api.POST("/api/v1/tickets", { body: { for: url } })),
    gcTime: 0,
  });
}

type RouteChange = Partial<Pick<Route, "visibility" | "identity">>;

export function useChangeRoute(workspaceId: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ rid, ...change }: { rid: string } & RouteChange) =>
      body(
        api.PATCH("/api/v1/workspaces/{id}/routes/{rid}", {
          params: { path: { id: workspaceId, rid } },
          body: change,
        }),
      ),
    onSettled: () => client.invalidateQueries({ queryKey: keys.workspace(workspaceId) }),
  });
}
