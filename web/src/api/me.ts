import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { api, body } from "./client";
import { keys } from "./keys";
import type { CreateToken, Provider } from "./types";

export const meQueries = {
  sessions: () =>
    queryOptions({
      queryKey: keys.sessions,
      queryFn: ({ signal }) => body(api.GET("/api/v1/me/sessions", { signal })),
    }),
  tokens: () =>
    queryOptions({
      queryKey: keys.tokens,
      queryFn: ({ signal }) => body(api.GET("/api/v1/me/tokens", { signal })),
    }),
  identities: () =>
    queryOptions({
      queryKey: keys.identities,
      queryFn: ({ signal }) => body(api.GET("/api/v1/me/identities", { signal })),
    }),
  sshKeys: () =>
    queryOptions({
      queryKey: keys.sshKeys,
      queryFn: ({ signal }) => body(api.GET("/api/v1/me/ssh-keys", { signal })),
    }),
};

export function useRename() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (displayName: string) =>
      body(api.PATCH("/api/v1/me", { body: { display_name: displayName } })),
    onSuccess: () => client.invalidateQueries({ queryKey: keys.me }),
  });
}

export function useChangeEmail() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (request: { email: string; password: string }) =>
      body(api.POST("/api/v1/me/email", { body: request })),
    onSuccess: () => client.invalidateQueries({ queryKey: keys.me, exact: true }),
  });
}

export function useChangePassword() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (request: { current_password: string; new_password: string }) =>
      body(api.POST("/api/v1/me/password", { body: request })),
    onSuccess: () => client.invalidateQueries({ queryKey: keys.me }),
  });
}

export function useEndSession() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => body(api.DELETE("/api/v1/me/sessions/{id}", { params: { path: { id } } })),
    onSettled: () => client.invalidateQueries({ queryKey: keys.sessions }),
  });
}

export function useEndOtherSessions() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => body(api.DELETE("/api/v1/me/sessions")),
    onSettled: () => client.invalidateQueries({ queryKey: keys.sessions }),
  });
}

export function useCreateToken() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (request: CreateToken) => body(api.POST("/api/v1/me/tokens", { body: request })),
    onSuccess: () => client.invalidateQueries({ queryKey: keys.tokens }),
    // The answer holds a secret: it is forgotten with the dialog that shows it.
    gcTime: 0,
  });
}

export function useDeleteToken() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => body(api.DELETE("/api/v1/me/tokens/{id}", { params: { path: { id } } })),
    onSettled: () => client.invalidateQueries({ queryKey: keys.tokens }),
  });
}

export function useBeginTotp() {
  return useMutation({
    mutationFn: (password: string) => body(api.POST("/api/v1/me/totp", { body: { password } })),
    gcTime: 0,
  });
}

export function useConfirmTotp() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (code: string) => body(api.POST("/api/v1/me/totp/confirm", { body: { code } })),
    onSuccess: () => client.invalidateQueries({ queryKey: keys.me, exact: true }),
    gcTime: 0,
  });
}

export function useRenewRecoveryCodes() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (proof: { password: string; code: string }) =>
      body(api.POST("/api/v1/me/totp/recovery-codes", { body: proof })),
    onSuccess: () => client.invalidateQueries({ queryKey: keys.me, exact: true }),
    gcTime: 0,
  });
}

export function useEndTotp() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (proof: { password: string; code: string }) =>
      body(api.DELETE("/api/v1/me/totp", { body: proof })),
    onSuccess: () => client.invalidateQueries({ queryKey: keys.me, exact: true }),
  });
}

/** Answers where the browser has to go; it comes back to `returnTo`. */
export function useConnect() {
  return useMutation({
    mutationFn: ({ provider, returnTo }: { provider: Provider["id"]; returnTo: string }) =>
      body(
        api.POST("/api/v1/me/identities/{provider}/start", {
          params: { path: { provider } },
          body: { return_to: returnTo },
        }),
      ),
  });
}

export function useDisconnect() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => body(api.DELETE("/api/v1/me/identities/{id}", { params: { path: { id } } })),
    onSettled: () => client.invalidateQueries({ queryKey: keys.identities }),
  });
}

export function useAddSshKey() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (request: { name: string; public_key: string }) =>
      body(api.POST("/api/v1/me/ssh-keys", { body: request })),
    onSuccess: () => client.invalidateQueries({ queryKey: keys.sshKeys }),
  });
}

export function useDeleteSshKey() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => body(api.DELETE("/api/v1/me/ssh-keys/{id}", { params: { path: { id } } })),
    onSettled: () => client.invalidateQueries({ queryKey: keys.sshKeys }),
  });
}
