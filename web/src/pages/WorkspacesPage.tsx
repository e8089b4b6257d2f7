import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { LayoutGrid, List, ListChecks, Plus } from "lucide-react";
import { memo, useDeferredValue, useMemo, useState } from "react";
import type { Workspace } from "~/api/types";
import { workspaceQueries } from "~/api/workspaces";
import { failureOf } from "~/features/failure";
import { BulkBar } from "~/features/workspaces/BulkBar";
import type { Picked } from "~/features/workspaces/SelectBox";
import { starredFirst, useStarred } from "~/features/workspaces/starred";
import { WorkspaceCards, WorkspaceCardsSkeleton } from "~/features/workspaces/WorkspaceCards";
import { WorkspaceTable } from "~/features/workspaces/WorkspaceTable";
import { useMembership } from "~/hooks/useMembership";
import { useTitle } from "~/hooks/useTitle";
import { paths } from "~/paths";
import { Button, IconButton } from "~/ui/Button";
import { Empty } from "~/ui/Empty";
import { Failure } from "~/ui/Failure";
import { PageHeader } from "~/ui/PageHeader";
import { SearchBox } from "~/ui/SearchBox";
import { Segments } from "~/ui/Segments";
import { Skeleton } from "~/ui/Skeleton";
import css from "./WorkspacesPage.module.css";

const views = [
  { value: "cards", label: "Cards", icon: LayoutGrid, iconOnly: true },
  { value: "table", label: "Table", icon: List, iconOnly: true },
] as const;

export function WorkspacesPage() {
  useTitle("Workspaces");
  const { q = "", view } = useSearch({ from: "/app/" });
  const navigate = useNavigate({ from: "/" });
  const search = useDeferredValue(q.trim());
  const list = useInfiniteQuery({ ...workspaceQueries.list(search), placeholderData: keepPreviousData });
  const workspaces = useMemo(() => list.data?.pages.flatMap((page) => page.items), [list.data]);
  /** Null while nothing is being selected. */
  const [chosen, setChosen] = useState<ReadonlySet<string> | null>(null);

  return (
    <>
      <PageHeader
        title="Workspaces"
        lead={workspaces ? <Summary workspaces={workspaces} more={list.hasNextPage} /> : <Skeleton />}
        actions={
          <Button look="primary" icon={Plus} render={<Link {...paths.catalog()} />}>
            New workspace
          </Button>
        }
      />
      <div className={css.bar}>
        <SearchBox
          label="Search workspaces"
          value={q}
          onChange={(value) =>
            navigate({ search: (old) => ({ ...old, q: value || undefined }), replace: true })
          }
        />
        <span className={css.views}>
          {workspaces && workspaces.length > 0 && (
            <IconButton
              icon={ListChecks}
              label="Select several"
              aria-pressed={chosen !== null}
              onClick={() => setChosen(chosen ? null : new Set())}
            />
          )}
          <Segments
            label="View"
            value={view ?? "cards"}
            onChange={(value) =>
              navigate({
                search: (old) => ({ ...old, view: value === "table" ? value : undefined }),
                replace: true,
              })
            }
            options={views}
          />
        </span>
      </div>
      {list.isPending && <WorkspaceCardsSkeleton />}
      {list.isError && !workspaces && <Failure {...failureOf(list.error)} onRetry={() => list.refetch()} />}
      {workspaces && (
        <Shelf
          workspaces={workspaces}
          search={search}
          table={view === "table"}
          chosen={chosen}
          onChoose={setChosen}
        />
      )}
      {list.hasNextPage && (
        <div className={css.more}>
          <Button busy={list.isFetchingNextPage} onClick={() => list.fetchNextPage()}>
            Show more
          </Button>
        </div>
      )}
    </>
  );
}

interface ShelfProps {
  workspaces: Workspace[];
  search: string;
  table: boolean;
  chosen: ReadonlySet<string> | null;
  onChoose(ids: ReadonlySet<string>): void;
}

/** Drawn again for another list, not for each letter of a search. */
const Shelf = memo(function Shelf({ workspaces, search, table, chosen, onChoose }: ShelfProps) {
  const { me, whoIn } = useMembership();
  const [starred, toggleStar] = useStarred(me.id);
  if (workspaces.length === 0 && search) {
    return <Empty title="Nothing matches">No workspace has “{search}” in its name.</Empty>;
  }
  if (workspaces.length === 0) {
    return (
      <Empty
        title="No workspaces yet"
        action={
          <Button look="primary" render={<Link {...paths.catalog()} />}>
            Choose from the catalog
          </Button>
        }
      >
        Pick a template, press one button, and its door opens here.
      </Empty>
    );
  }
  const List = table ? WorkspaceTable : WorkspaceCards;
  const stars: Picked = { has: (id) => starred.includes(id), toggle: toggleStar };
  const selection: Picked | undefined = chosen
    ? { has: (id) => chosen.has(id), toggle: (id) => onChoose(toggled(chosen, id)) }
    : undefined;
  return (
    <>
      {chosen && (
        <BulkBar
          // What has left the list is no longer selected.
          selected={workspaces.filter(({ id }) => chosen.has(id))}
          all={workspaces}
          whoIn={whoIn}
          onSelect={(all) => onChoose(new Set(all.map(({ id }) => id)))}
        />
      )}
      <List
        workspaces={starredFirst(workspaces, starred)}
        whoIn={whoIn}
        starred={stars}
        selection={selection}
      />
    </>
  );
});

function toggled(chosen: ReadonlySet<string>, id: string): ReadonlySet<string> {
  const next = new Set(chosen);
  if (!next.delete(id)) next.add(id);
  return next;
}

function Summary({ workspaces, more }: { workspaces: Workspace[]; more: boolean }) {
  if (workspaces.length === 0) return <p>None yet</p>;
  const running = workspaces.filter((workspace) => workspace.status === "running").length;
  const failed = workspaces.filter((workspace) => workspace.status === "failed").length;
  return (
    <p aria-live="polite">
      {running} running{failed > 0 && `, ${failed} failed`}, {workspaces.length}
      {more && "+"} in all
    </p>
  );
}
