import { X } from "lucide-react";
import type { AuditScope } from "~/api/audit";
import { Button } from "~/ui/Button";
import { SearchBox } from "~/ui/SearchBox";
import { Select } from "~/ui/Select";
import css from "./AuditLog.module.css";
import { ExportMenu } from "./ExportMenu";
import { type AuditSearch, filterOf, isFiltered } from "./filter";
import { auditNouns } from "./words";

interface AuditFiltersProps {
  scope: AuditScope;
  search: AuditSearch;
  /** Of the user that the list is narrowed to, where an entry tells it. */
  userName: string | undefined;
  onChange(part: AuditSearch): void;
  onClear(): void;
}

export function AuditFilters({ scope, search, userName, onChange, onClear }: AuditFiltersProps) {
  const { q = "", action = "", user, from = "", to = "" } = search;
  return (
    <div className={css.filters}>
      <span className={css.search}>
        <SearchBox label="Search the log" value={q} onChange={(text) => onChange({ q: text })} />
      </span>
      <span className={css.noun}>
        <Select
          label="What it was done to"
          value={action}
          options={auditNouns}
          onChange={(noun) => onChange({ action: noun })}
        />
      </span>
      <span className={css.days}>
        <Day label="From" value={from} max={to} onChange={(day) => onChange({ from: day })} />
        <Day label="To" value={to} min={from} onChange={(day) => onChange({ to: day })} />
      </span>
      <ExportMenu scope={scope} filter={filterOf(search)} />
      {isFiltered(search) && (
        <span className={css.chips}>
          {user && (
            <Button size="s" icon={X} onClick={() => onChange({ user: "" })}>
              Only {userName ?? "one user"}
            </Button>
          )}
          <Button size="s" look="quiet" onClick={onClear}>
            Clear all filters
          </Button>
        </span>
      )}
    </div>
  );
}

interface DayProps {
  label: string;
  value: string;
  min?: string;
  max?: string;
  onChange(day: string): void;
}

function Day({ label, value, min, max, onChange }: DayProps) {
  return (
    <label className={css.day}>
      {label}
      <input
        type="date"
        className={css.date}
        value={value}
        min={min || undefined}
        max={max || undefined}
        onChange={(event) => onChange(event.target.value)}
      />
    </label>
  );
}
