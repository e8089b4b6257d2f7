import type { AuditFilter } from "~/api/types";

/** The filter as it stands in the address: days in place of instants. */
export interface AuditSearch {
  q?: string;
  action?: string;
  user?: string;
  target?: string;
  from?: string;
  to?: string;
}

const DAY = /^\d{4}-\d{2}-\d{2}$/;

/** A day begins where the person is. */
function beginningOf(day: string, later = 0): string | undefined {
  if (!DAY.test(day)) return undefined;
  const [year = 0, month = 1, date = 1] = day.split("-").map(Number);
  return new Date(year, month - 1, date + later).toISOString();
}

/** What the API is asked: from the first moment of the first day to the last of the last. */
export function filterOf({ q, action, user, target, from = "", to = "" }: AuditSearch): AuditFilter {
  const since = beginningOf(from);
  const until = beginningOf(to, 1);
  return {
    ...(q && { q }),
    ...(action && { action }),
    ...(user && { user }),
    ...(target && { target }),
    ...(since && { from: since }),
    ...(until && { to: until }),
  };
}

export function isFiltered(search: AuditSearch): boolean {
  return Object.values(search).some(Boolean);
}
