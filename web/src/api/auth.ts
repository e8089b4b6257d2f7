import { type QueryClient, queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { api, body } from "./client";
import { keys } from "./keys";
import { session } from "./session";
import type { Register } from "./types";

export const authQueries = {
  methods: () =>
    queryOptions({
      queryKey: keys.authMethods,
      queryFn: ({ signal }) => body(api.GET("/api/v1/auth/methods", { signal })),
    }),
  me: () =>
    queryOptions({
      queryKey: keys.me,
      queryFn: ({ signal }) => body(api.GET("/api/v1/me", { signal })),
      staleTime: 5 * 60_000,
    }),
  deviceRequest: (userCode: string) =>
    queryOptions({
      queryKey: keys.deviceRequest(userCode),
      queryFn: ({ signal }) =>
        body(
          api.GET("/api/v1/auth/device/{user_code}", { params: { path: { user_code: userCode } }, signal }),
        ),
      // A code is worth one answer, and only for minutes.
      staleTime: 0,
      gcTime: 0,
    }),
  version: () =>
    queryOptions({
      queryKey: keys.version,
      queryFn: ({ signal }) => body(api.GET("/api/v1/version", { signal })),
      staleTime: Number.POSITIVE_INFINITY,
    }),
};

/** Answers that are the same for everybody; pages before the door hold on to them. */
const impersonal: readonly unknown[] = [keys.authMethods[0], keys.version[0], keys.shownInvitation[0]];

function forgetPerson(client: QueryClient) {
  client.removeQueries({ predicate: ({ queryKey }) => !impersonal.includes(queryKey[0]) });
}

export function useSignIn() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (credentials: { login: string; password: string; totp_code?: string }) =>
      body(api.POST("/api/v1/auth/login", { body: credentials })),
    onSuccess: (answer) => {
      // The session before may have been somebody else's.
      forgetPerson(client);
      session.accept(answer);
    },
  });
}

export function useSetup() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (request: { setup_token: string; email: string; username: string; password: string }) =>
      body(api.POST("/api/v1/auth/setup", { body: request })),
    onSuccess: (answer) => {
      session.accept(answer);
      client.removeQueries({ queryKey: keys.authMethods });
    },
  });
}

export function useSignOut() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => body(api.POST("/api/v1/auth/logout")),
    onSuccess: () => {
      session.drop();
      forgetPerson(client);
    },
  });
}

export function useRegister() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (request: Register) => body(api.POST("/api/v1/auth/register", { body: request })),
    onSuccess: (answer) => {
      forgetPerson(client);
      session.accept(answer);
    },
  });
}

export function useForgotPassword() {
  return useMutation({
    mutationFn: (email: string) => body(api.POST("/api/v1/auth/password/forgot", { body: { email } })),
  });
}

export function useResetPassword() {
  return useMutation({
    mutationFn: (request: { token: string; password: string }) =>
      body(api.POST("/api/v1/auth/password/reset", { body: request })),
  });
}

export function useConfirmEmail() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (token: string) => body(api.POST("/api/v1/auth/email/confirm", { body: { token } })),
    onSuccess: () => client.invalidateQueries({ queryKey: keys.me }),
  });
}

export function useAnswerDevice(userCode: string) {
  return useMutation({
    mutationFn: (approve: boolean) =>
      body(
        api.POST("/api/v1/auth/device/{user_code}", {
          params: { path: { user_code: userCode } },
          body: { approve },
        }),
      ),
  });
}

/** Where the browser itself goes to sign in elsewhere; the way back ends at `returnTo`. */
export function providerAddress(provider: string, returnTo: string): string {
  return `/api/v1/auth/oauth/${encodeURIComponent(provider)}/start?${new URLSearchParams({ return_to: returnTo })}`;
}
