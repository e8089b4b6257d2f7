import { infiniteQueryOptions } from "@tanstack/react-query";
import { api, body } from "./client";
import { keys } from "./keys";
import { problemFrom } from "./problem";
import { sessionFetch } from "./session";
import type { AuditFilter } from "./types";

const PAGE_SIZE = 50;

/** The log of one organization, or, for platform admins, of everything. */
export type AuditScope = { kind: "org"; org: string } | { kind: "platform" };

export const auditQueries = {
  list: (scope: AuditScope, filter: AuditFilter) =>
    infiniteQueryOptions({
      queryKey: keys.audit(scope.kind === "org" ? scope.org : "", filter),
      queryFn: ({ pageParam, signal }) => {
        const query = { ...filter, limit: PAGE_SIZE, ...(pageParam && { cursor: pageParam }) };
        return scope.kind === "org"
          ? body(api.GET("/api/v1/orgs/{org}/audit", { params: { path: { org: scope.org }, query }, signal }))
          : body(api.GET("/api/v1/audit", { params: { query }, signal }));
      },
      initialPageParam: "",
      getNextPageParam: (page) => page.next_cursor ?? undefined,
      // It grows with everything that is done, and nothing tells of it.
      staleTime: 0,
    }),
};

export const exportFormats = {
  csv: { label: "CSV", mediaType: "text/csv" },
  jsonl: { label: "JSON lines", mediaType: "application/x-ndjson" },
} as const;
export type ExportFormat = keyof typeof exportFormats;

/** Everything that the filter lets through, as a file. */
export async function exportAudit(
  scope: AuditScope,
  filter: AuditFilter,
  format: ExportFormat,
): Promise<Blob> {
  const path = scope.kind === "org" ? `/api/v1/orgs/${encodeURIComponent(scope.org)}/audit` : "/api/v1/audit";
  const address = new URL(path, location.origin);
  for (const [name, value] of Object.entries(filter))
    if (value) address.searchParams.set(name, String(value));
  const response = await sessionFetch(
    new Request(address, { headers: { accept: exportFormats[format].mediaType } }),
  );
  if (!response.ok) throw await problemFrom(response);
  return response.blob();
}
