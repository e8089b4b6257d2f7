import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { api, body } from "./client";
import { keys } from "./keys";
import type { CreateTemplate, Manifest } from "./types";

export const templateQueries = {
  catalog: () =>
    queryOptions({
      queryKey: keys.catalog,
      queryFn: ({ signal }) =>
        body(api.GET("/api/v1/catalog", { params: { query: { limit: 200 } }, signal })),
    }),
  ofOrg: (org: string) =>
    queryOptions({
      queryKey: keys.orgTemplates(org),
      queryFn: ({ signal }) =>
        body(
          api.GET("/api/v1/orgs/{org}/templates", {
            params: { path: { org }, query: { limit: 200 } },
            signal,
          }),
        ),
    }),
  one: (id: string) =>
    queryOptions({
      queryKey: keys.template(id),
      queryFn: ({ signal }) => body(api.GET("/api/v1/templates/{id}", { params: { path: { id } }, signal })),
    }),
  versions: (id: string) =>
    queryOptions({
      queryKey: keys.templateVersions(id),
      queryFn: ({ signal }) =>
        body(
          api.GET("/api/v1/templates/{id}/versions", {
            params: { path: { id }, query: { limit: 200 } },
            signal,
          }),
        ),
    }),
};

export function useCheckManifest() {
  return useMutation({
    mutationFn: (manifest: Manifest) =>
      body(api.POST("/api/v1/templates/check", { body: { source: { kind: "manifest", manifest } } })),
  });
}

export function useCreateTemplate(org: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (request: CreateTemplate) =>
      body(api.POST("/api/v1/orgs/{org}/templates", { params: { path: { org } }, body: request })),
    onSuccess: () => client.invalidateQueries({ queryKey: keys.orgTemplates(org) }),
  });
}

export function usePublishVersion(templateId: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (manifest: Manifest) =>
      body(
        api.POST("/api/v1/templates/{id}/versions", {
          params: { path: { id: templateId } },
          body: { source: { kind: "manifest", manifest } },
        }),
      ),
    onSuccess: () => client.invalidateQueries({ queryKey: keys.template(templateId) }),
  });
}

export function useActivateVersion(templateId: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (n: number) =>
      body(
        api.POST("/api/v1/templates/{id}/versions/{n}/activate", {
          params: { path: { id: templateId, n } },
        }),
      ),
    onSuccess: () => client.invalidateQueries({ queryKey: keys.templates }),
  });
}
