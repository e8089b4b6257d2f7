import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { useDeferredValue } from "react";
import type { Workspace } from "~/api/types";
import { workspaceQueries } from "~/api/workspaces";

interface Found {
  workspaces: Workspace[];
  searching: boolean;
  /** Some may be missing, because the server did not answer. */
  failed: boolean;
}

/** Workspaces with that in their name. The server is asked only where not all of them are at hand. */
export function useFoundWorkspaces(query: string): Found {
  const sought = useDeferredValue(query.trim());
  const known = useInfiniteQuery(workspaceQueries.list(""));
  const asks = sought !== "" && !known.isPending && known.hasNextPage;
  const further = useInfiniteQuery({
    ...workspaceQueries.list(sought),
    enabled: asks,
    placeholderData: keepPreviousData,
  });
  const pages = [...((asks && further.data?.pages) || []), ...(known.data?.pages ?? [])];
  const workspaces = new Map(pages.flatMap((page) => page.items).map((each) => [each.id, each]));
  return {
    workspaces: [...workspaces.values()],
    searching: known.isPending || (asks && further.isFetching),
    failed: known.isError || (asks && further.isError),
  };
}
