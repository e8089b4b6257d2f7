import { useSuspenseQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import type { Workspace } from "~/api/types";
import { workspaceQueries } from "~/api/workspaces";

/** The workspace of the page, for its tabs: the layout above them shows nothing else until it is there. */
export function useWorkspace(): Workspace {
  const { id } = useParams({ from: "/app/workspaces/$id" });
  return useSuspenseQuery(workspaceQueries.one(id)).data;
}
