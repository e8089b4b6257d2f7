import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { useDeferredValue } from "react";
import { type AuditScope, auditQueries } from "~/api/audit";
import type { AuditEntry } from "~/api/types";
import { Loaded } from "~/features/Loaded";
import { Button } from "~/ui/Button";
import { Empty } from "~/ui/Empty";
import { AuditEntryLine } from "./AuditEntryLine";
import { AuditFilters } from "./AuditFilters";
import css from "./AuditLog.module.css";
import { type AuditSearch, filterOf, isFiltered } from "./filter";

interface AuditLogProps {
  scope: AuditScope;
  search: AuditSearch;
  onSearch(search: AuditSearch): void;
}

/** Who did what to what, newest first. */
export function AuditLog({ scope, search, onSearch }: AuditLogProps) {
  const filter = useDeferredValue(filterOf(search));
  const list = useInfiniteQuery({
    ...auditQueries.list(scope, filter),
    placeholderData: keepPreviousData,
  });
  const entries = list.data?.pages.flatMap(({ items }) => items);
  const change = (part: AuditSearch) => onSearch({ ...search, ...part });
  return (
    <>
      <AuditFilters
        scope={scope}
        search={search}
        userName={entries?.find(({ user }) => user?.id === search.user)?.user?.username ?? undefined}
        onChange={change}
        onClear={() => onSearch({})}
      />
      <Loaded query={{ ...list, data: entries }}>
        {(shown) =>
          shown.length === 0 ? (
            <Empty title={isFiltered(search) ? "Nothing matches" : "Nothing has been done yet"}>
              {isFiltered(search)
                ? "Try another word, or more days."
                : "From the first change on, every one stands here."}
            </Empty>
          ) : (
            <Lines entries={shown} onChange={change} />
          )
        }
      </Loaded>
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

function Lines({ entries, onChange }: { entries: readonly AuditEntry[]; onChange(part: AuditSearch): void }) {
  return (
    <ol className={css.lines} aria-label="Audit log">
      {entries.map((entry) => (
        <AuditEntryLine key={entry.id} entry={entry} onUser={(user) => onChange({ user })} />
      ))}
    </ol>
  );
}
