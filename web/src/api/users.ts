import { infiniteQueryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { api, body } from "./client";
import { keys } from "./keys";
import type { CreateUser, PatchUser } from "./types";

const PAGE_SIZE = 50;

export const userQueries = {
  list: (search: string) =>
    infiniteQueryOptions({
      queryKey: keys.userList(search),
      queryFn: ({ pageParam, signal }) =>
        body(
          api.GET("/api/v1/users", {
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
};

export function useCreateUser() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (request: CreateUser) => body(api.POST("/api/v1/users", { body: request })),
    onSuccess: () => client.invalidateQueries({ queryKey: keys.users }),
    // The answer may hold a link that lets somebody in.
    gcTime: 0,
  });
}

export function useChangeUser(id: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (change: PatchUser) =>
      body(api.PATCH("/api/v1/users/{id}", { params: { path: { id } }, body: change })),
    onSettled: () => client.invalidateQueries({ queryKey: keys.users }),
  });
}

export function useDeleteUser(id: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => body(api.DELETE("/api/v1/users/{id}", { params: { path: { id } } })),
    onSettled: () => client.invalidateQueries({ queryKey: keys.users }),
  });
}

export function useResetLink(id: string) {
  return useMutation({
    mutationFn: () => body(api.POST("/api/v1/users/{id}/reset-link", { params: { path: { id } } })),
    gcTime: 0,
  });
}
