import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { api, body } from "./client";
import { keys } from "./keys";
import type { Variable } from "./types";

/** Whose variables: one's own, or those of an organization, a template or a workspace. */
export type VariableScope =
  | { kind: "me" }
  | { kind: "org"; org: string }
  | { kind: "template"; id: string }
  | { kind: "workspace"; id: string };

interface Written {
  value: string;
  secret: boolean;
}

interface Calls {
  list(signal: AbortSignal): Promise<{ items: Variable[] }>;
  write(name: string, written: Written): Promise<Variable>;
  remove(name: string): Promise<unknown>;
}

const mine: Calls = {
  list: (signal) => body(api.GET("/api/v1/me/variables", { signal })),
  write: (name, written) =>
    body(api.PUT("/api/v1/me/variables/{name}", { params: { path: { name } }, body: written })),
  remove: (name) => body(api.DELETE("/api/v1/me/variables/{name}", { params: { path: { name } } })),
};

const ofOrg = (org: string): Calls => ({
  list: (signal) => body(api.GET("/api/v1/orgs/{org}/variables", { params: { path: { org } }, signal })),
  write: (name, written) =>
    body(api.PUT("/api/v1/orgs/{org}/variables/{name}", { params: { path: { org, name } }, body: written })),
  remove: (name) =>
    body(api.DELETE("/api/v1/orgs/{org}/variables/{name}", { params: { path: { org, name } } })),
});

const ofTemplate = (id: string): Calls => ({
  list: (signal) => body(api.GET("/api/v1/templates/{id}/variables", { params: { path: { id } }, signal })),
  write: (name, written) =>
    body(
      api.PUT("/api/v1/templates/{id}/variables/{name}", { params: { path: { id, name } }, body: written }),
    ),
  remove: (name) =>
    body(api.DELETE("/api/v1/templates/{id}/variables/{name}", { params: { path: { id, name } } })),
});

const ofWorkspace = (id: string): Calls => ({
  list: (signal) => body(api.GET("/api/v1/workspaces/{id}/variables", { params: { path: { id } }, signal })),
  write: (name, written) =>
    body(
      api.PUT("/api/v1/workspaces/{id}/variables/{name}", { params: { path: { id, name } }, body: written }),
    ),
  remove: (name) =>
    body(api.DELETE("/api/v1/workspaces/{id}/variables/{name}", { params: { path: { id, name } } })),
});

function callsOf(scope: VariableScope): Calls {
  switch (scope.kind) {
    case "me":
      return mine;
    case "org":
      return ofOrg(scope.org);
    case "template":
      return ofTemplate(scope.id);
    case "workspace":
      return ofWorkspace(scope.id);
  }
}

function keyOf(scope: VariableScope) {
  switch (scope.kind) {
    case "me":
      return keys.variables("me", "");
    case "org":
      return keys.variables("org", scope.org);
    default:
      return keys.variables(scope.kind, scope.id);
  }
}

export const variableQueries = {
  of: (scope: VariableScope) =>
    queryOptions({ queryKey: keyOf(scope), queryFn: ({ signal }) => callsOf(scope).list(signal) }),
};

export function useWriteVariable(scope: VariableScope) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ name, ...written }: { name: string } & Written) => callsOf(scope).write(name, written),
    onSuccess: () => client.invalidateQueries({ queryKey: keyOf(scope) }),
    gcTime: 0,
  });
}

export function useDeleteVariable(scope: VariableScope) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (name: string) => callsOf(scope).remove(name),
    onSettled: () => client.invalidateQueries({ queryKey: keyOf(scope) }),
  });
}
