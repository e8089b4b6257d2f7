import type { InfiniteData, QueryClient } from "@tanstack/react-query";
import { keys } from "./keys";
import type { Workspace, WorkspaceStatus } from "./types";

type ListPage = { items: Workspace[]; next_cursor: string | null };
type ListData = InfiniteData<ListPage, string>;

/**
 * Writes a fresh workspace into every cached view of it, so that one answer moves the list and the detail
 * together. A list that has not met it yet is asked again, because only the server knows where it belongs.
 */
export function placeWorkspace(client: QueryClient, workspace: Workspace) {
  client.setQueryData(keys.workspace(workspace.id), (known: Workspace | undefined) =>
    known && known.updated_at > workspace.updated_at ? known : workspace,
  );
  for (const [key, data] of client.getQueriesData<ListData>({ queryKey: keys.workspaceLists })) {
    if (!data) continue;
    if (data.pages.some((page) => page.items.some((item) => item.id === workspace.id))) {
      client.setQueryData(
        key,
        mapItems(data, (items) => items.map((item) => newest(item, workspace))),
      );
    } else {
      void client.invalidateQueries({ queryKey: key });
    }
  }
}

/**
 * Shows the status that a change will most likely bring, before the server has answered. What comes back takes that back
 * wherever nothing newer has arrived meanwhile.
 */
export function expectStatus(client: QueryClient, id: string, expected: WorkspaceStatus): () => void {
  const before = client.getQueryData<Workspace>(keys.workspace(id)) ?? listed(client, id);
  if (!before) return () => undefined;
  const whereStill = (status: WorkspaceStatus, next: WorkspaceStatus) => (item: Workspace) =>
    item.id === id && item.status === status && item.updated_at === before.updated_at
      ? { ...item, status: next }
      : item;
  change(client, id, whereStill(before.status, expected));
  return () => change(client, id, whereStill(expected, before.status));
}

function change(client: QueryClient, id: string, to: (item: Workspace) => Workspace) {
  client.setQueryData(keys.workspace(id), (known: Workspace | undefined) => known && to(known));
  client.setQueriesData<ListData>(
    { queryKey: keys.workspaceLists },
    (data) => data && mapItems(data, (items) => items.map(to)),
  );
}

function listed(client: QueryClient, id: string): Workspace | undefined {
  const lists = client.getQueriesData<ListData>({ queryKey: keys.workspaceLists });
  return lists
    .flatMap(([, data]) => data?.pages.flatMap((page) => page.items) ?? [])
    .find((item) => item.id === id);
}

export function forgetWorkspace(client: QueryClient, id: string) {
  client.removeQueries({ queryKey: keys.workspace(id), exact: true });
  client.setQueriesData<ListData>(
    { queryKey: keys.workspaceLists },
    (data) => data && mapItems(data, (items) => items.filter((item) => item.id !== id)),
  );
}

function newest(known: Workspace, fresh: Workspace): Workspace {
  return known.id === fresh.id && known.updated_at <= fresh.updated_at ? fresh : known;
}

function mapItems(data: ListData, change: (items: Workspace[]) => Workspace[]): ListData {
  return { ...data, pages: data.pages.map((page) => ({ ...page, items: change(page.items) })) };
}
