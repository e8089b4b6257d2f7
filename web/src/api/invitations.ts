import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { api, body } from "./client";
import { keys } from "./keys";
import type { Role } from "./types";

export const invitationQueries = {
  /** The one whose link brought the browser here. Its token is no part of the key: keys are shown in tools. */
  shown: (token: string) =>
    queryOptions({
      queryKey: keys.shownInvitation,
      queryFn: ({ signal }) => body(api.POST("/api/v1/invitations/show", { body: { token }, signal })),
      gcTime: 0,
    }),
};

export function useInvite(org: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (request: { email: string; role: Role }) =>
      body(api.POST("/api/v1/orgs/{org}/invitations", { params: { path: { org } }, body: request })),
    onSuccess: () => client.invalidateQueries({ queryKey: keys.invitations(org) }),
    // The answer holds the link, once.
    gcTime: 0,
  });
}

export function useRevokeInvitation(org: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: string) =>
      body(api.DELETE("/api/v1/orgs/{org}/invitations/{id}", { params: { path: { org, id } } })),
    onSettled: () => client.invalidateQueries({ queryKey: keys.invitations(org) }),
  });
}

export function useAcceptInvitation() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (token: string) => body(api.POST("/api/v1/invitations/accept", { body: { token } })),
    onSuccess: () => client.invalidateQueries({ queryKey: keys.me, exact: true }),
  });
}
