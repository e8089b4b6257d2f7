import { queryOptions } from "@tanstack/react-query";
import { api, body } from "./client";
import { keys } from "./keys";
import type { DeploymentStatus } from "./types";

export const deploymentQueries = {
  ofWorkspace: (workspaceId: string) =>
    queryOptions({
      queryKey: keys.deployments(workspaceId),
      queryFn: ({ signal }) =>
        body(
          api.GET("/api/v1/workspaces/{id}/deployments", {
            params: { path: { id: workspaceId }, query: { limit: 50 } },
            signal,
          }),
        ),
    }),
  one: (id: string) =>
    queryOptions({
      queryKey: keys.deployment(id),
      queryFn: ({ signal }) =>
        body(api.GET("/api/v1/deployments/{id}", { params: { path: { id } }, signal })),
    }),
};

export const deploymentLogsPath = (id: string) => `/api/v1/deployments/${id}/logs`;

export function isSettled(status: DeploymentStatus): boolean {
  return status === "succeeded" || status === "failed" || status === "canceled";
}
