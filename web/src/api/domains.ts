import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { api, body } from "./client";
import { keys } from "./keys";

interface Of {
  workspaceId: string;
  rid: string;
}

export const domainQueries = {
  ofRoute: ({ workspaceId, rid }: Of) =>
    queryOptions({
      queryKey: keys.domains(workspaceId, rid),
      queryFn: ({ signal }) =>
        body(
          api.GET("/api/v1/workspaces/{id}/routes/{rid}/domains", {
            params: { path: { id: workspaceId, rid } },
            signal,
          }),
        ),
    }),
};

/** The workspace shows the domains of its routes, and its key is a prefix of theirs. */
function useRefresh({ workspaceId }: Of) {
  const client = useQueryClient();
  return () => client.invalidateQueries({ queryKey: keys.workspace(workspaceId) });
}

export function useAddDomain(of: Of) {
  const refresh = useRefresh(of);
  return useMutation({
    mutationFn: ({ host, idempotencyKey }: { host: string; idempotencyKey: string }) =>
      body(
        api.POST("/api/v1/workspaces/{id}/routes/{rid}/domains", {
          params: {
            path: { id: of.workspaceId, rid: of.rid },
            header: { "Idempotency-Key": idempotencyKey },
          },
          body: { host },
        }),
      ),
    onSettled: refresh,
  });
}

export function useVerifyDomain(of: Of) {
  const refresh = useRefresh(of);
  return useMutation({
    mutationFn: (did: string) =>
      body(
        api.POST("/api/v1/workspaces/{id}/routes/{rid}/domains/{did}/verify", {
          params: { path: { id: of.workspaceId, rid: of.rid, did } },
        }),
      ),
    onSettled: refresh,
  });
}

export function useRemoveDomain(of: Of) {
  const refresh = useRefresh(of);
  return useMutation({
    mutationFn: (did: string) =>
      body(
        api.DELETE("/api/v1/workspaces/{id}/routes/{rid}/domains/{did}", {
          params: { path: { id: of.workspaceId, rid: of.rid, did } },
        }),
      ),
    onSettled: refresh,
  });
}
