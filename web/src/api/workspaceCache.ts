import type { InfiniteData, QueryClient } from "@tanstack/react-query";
import { keys } from "./keys";
import type { Workspace } from "./types";

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
