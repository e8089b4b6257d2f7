import { infiniteQueryOptions, queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { api, body } from "./client";
import { keys } from "./keys";
import type { Quota, Role, Visibility } from "./types";

const PAGE_SIZE = 100;

export const orgQueries = {
  list: () =>
    infiniteQueryOptions({
      queryKey: keys.orgList,
      queryFn: ({ pageParam, signal }) =>
        body(
          api.GET("/api/v1/orgs", {
            params: { query: { limit: PAGE_SIZE, ...(pageParam && { cursor: pageParam }) } },
            signal,
          }),
        ),
      initialPageParam: "",
      getNextPageParam: (page) => page.next_cursor ?? undefined,
    }),
  one: (org: string) =>
    queryOptions({
      queryKey: keys.org(org),
      queryFn: ({ signal }) => body(api.GET("/api/v1/orgs/{org}", { params: { path: { org } }, signal })),
    }),
  members: (org: string) =>
    queryOptions({
      queryKey: keys.members(org),
      queryFn: ({ signal }) =>
        body(api.GET("/api/v1/orgs/{org}/members", { params: { path: { org } }, signal })),
    }),
  invitations: (org: string) =>
    queryOptions({
      queryKey: keys.invitations(org),
      queryFn: ({ signal }) =>
        body(api.GET("/api/v1/orgs/{org}/invitations", { params: { path: { org } }, signal })),
    }),
  usage: (org: string) =>
    queryOptions({
      queryKey: keys.usage(org),
      queryFn: ({ signal }) =>
        body(api.GET("/api/v1/orgs/{org}/usage", { params: { path: { org } }, signal })),
    }),
};

export function useCreateOrg() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (request: { slug: string; name: string }) =>
      body(api.POST("/api/v1/orgs", { body: request })),
    onSuccess: () =>
      Promise.all([
        client.invalidateQueries({ queryKey: keys.me, exact: true }),
        client.invalidateQueries({ queryKey: keys.orgList }),
      ]),
  });
}

export function useChangeOrg(org: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (change: { name?: string; slug?: string; max_visibility?: Visibility }) =>
      body(api.PATCH("/api/v1/orgs/{org}", { params: { path: { org } }, body: change })),
    onSuccess: (changed) => {
      client.setQueryData(orgQueries.one(changed.slug).queryKey, changed);
      return Promise.all([
        client.invalidateQueries({ queryKey: keys.me, exact: true }),
        client.invalidateQueries({ queryKey: keys.orgList }),
      ]);
    },
  });
}

export function useDeleteOrg(org: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (everything: boolean) =>
      body(
        api.DELETE("/api/v1/orgs/{org}", {
          params: { path: { org } },
          body: { confirm: org, ...(everything && { everything }) },
        }),
      ),
    onSuccess: () =>
      Promise.all([
        client.invalidateQueries({ queryKey: keys.me, exact: true }),
        client.invalidateQueries({ queryKey: keys.orgList }),
        client.invalidateQueries({ queryKey: keys.workspaceLists }),
      ]),
  });
}

export function useChangeRole(org: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ userId, role }: { userId: string; role: Role }) =>
      body(
        api.PUT("/api/v1/orgs/{org}/members/{user_id}", {
          params: { path: { org, user_id: userId } },
          body: { role },
        }),
      ),
    onSettled: () =>
      Promise.all([
        client.invalidateQueries({ queryKey: keys.members(org) }),
        client.invalidateQueries({ queryKey: keys.me, exact: true }),
      ]),
  });
}

export function useRemoveMember(org: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ userId, transferTo }: { userId: string; transferTo?: string | undefined }) =>
      body(
        api.DELETE("/api/v1/orgs/{org}/members/{user_id}", {
          params: {
            path: { org, user_id: userId },
            query: transferTo ? { transfer_to: transferTo } : {},
          },
        }),
      ),
    onSuccess: () =>
      Promise.all([
        client.invalidateQueries({ queryKey: keys.org(org) }),
        client.invalidateQueries({ queryKey: keys.me, exact: true }),
      ]),
  });
}

export function useSetQuota(org: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (quota: Quota) =>
      body(api.PUT("/api/v1/orgs/{org}/quota", { params: { path: { org } }, body: quota })),
    onSuccess: () => client.invalidateQueries({ queryKey: keys.usage(org) }),
  });
}
