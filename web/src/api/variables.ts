import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { api, body } from "./client";
import { keys } from "./keys";

/** Whose variables: one's own, or those of an organization. */
export type VariableScope = { kind: "me" } | { kind: "org"; org: string };

function keyOf(scope: VariableScope) {
  return scope.kind === "me" ? keys.myVariables : keys.orgVariables(scope.org);
}

export const variableQueries = {
  of: (scope: VariableScope) =>
    queryOptions({
      queryKey: keyOf(scope),
      queryFn: ({ signal }) =>
        scope.kind === "me"
          ? body(api.GET("/api/v1/me/variables", { signal }))
          : body(api.GET("/api/v1/orgs/{org}/variables", { params: { path: { org: scope.org } }, signal })),
    }),
};

export function useWriteVariable(scope: VariableScope) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ name, ...written }: { name: string; value: string; secret: boolean }) =>
      scope.kind === "me"
        ? body(api.PUT("/api/v1/me/variables/{name}", { params: { path: { name } }, body: written }))
        : body(
            api.PUT("/api/v1/orgs/{org}/variables/{name}", {
              params: { path: { org: scope.org, name } },
              body: written,
            }),
          ),
    onSuccess: () => client.invalidateQueries({ queryKey: keyOf(scope) }),
    gcTime: 0,
  });
}

export function useDeleteVariable(scope: VariableScope) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (name: string) =>
      scope.kind === "me"
        ? body(api.DELETE("/api/v1/me/variables/{name}", { params: { path: { name } } }))
        : body(
            api.DELETE("/api/v1/orgs/{org}/variables/{name}", {
              params: { path: { org: scope.org, name } },
            }),
          ),
    onSettled: () => client.invalidateQueries({ queryKey: keyOf(scope) }),
  });
}
