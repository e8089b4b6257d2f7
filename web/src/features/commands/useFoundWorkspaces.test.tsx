import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { renderHook } from "@testing-library/react";
import type { ReactNode } from "react";
import { describe, expect, it } from "vitest";
import type { Workspace } from "~/api/types";
import { workspaceQueries } from "~/api/workspaces";
import { useFoundWorkspaces } from "./useFoundWorkspaces";

/** What it finds when the cache holds these answers, the first of them with or without more behind it. */
function find(query: string, answers: Record<string, string[]>, more: boolean) {
  const client = new QueryClient({
    defaultOptions: { queries: { staleTime: Number.POSITIVE_INFINITY, retry: false, enabled: true } },
  });
  for (const [sought, names] of Object.entries(answers)) {
    const items = names.map((name) => ({ id: name, name }) as Workspace);
    const next_cursor = sought === "" && more ? "further" : null;
    client.setQueryData(workspaceQueries.list(sought).queryKey, {
      pages: [{ items, next_cursor }],
      pageParams: [""],
    });
  }
  const wrapper = ({ children }: { children: ReactNode }) => (
    <QueryClientProvider client={client}>{children}</QueryClientProvider>
  );
  const { workspaces, ...rest } = renderHook(() => useFoundWorkspaces(query), { wrapper }).result.current;
  const asked = client.getQueryCache().find({ queryKey: workspaceQueries.list(query).queryKey });
  return { names: workspaces.map(({ name }) => name), asked: asked?.isActive() ?? false, ...rest };
}

describe("found workspaces", () => {
  const answers = { "": ["a", "shop"], shop: ["shop", "old-shop"] };

  it("are those at hand where that is all of them", () => {
    expect(find("shop", answers, false)).toEqual({
      names: ["a", "shop"],
      asked: false,
      searching: false,
      failed: false,
    });
  });

  it("are completed by the server where there are more, each once", () => {
    expect(find("shop", answers, true)).toEqual({
      names: ["shop", "old-shop", "a"],
      asked: true,
      searching: false,
      failed: false,
    });
  });
});
