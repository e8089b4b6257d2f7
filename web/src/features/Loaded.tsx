import type { ReactNode } from "react";
import { Failure } from "~/ui/Failure";
import { Skeleton } from "~/ui/Skeleton";
import { failureOf } from "./failure";

interface LoadedProps<T> {
  query: { data: T | undefined; isPending: boolean; error: unknown; refetch(): unknown };
  /** What stands there until the answer does; a box unless given. */
  waiting?: ReactNode;
  /** It is the page: its failure has the page's heading. */
  page?: boolean;
  children(data: T): ReactNode;
}

/** The answer of a query, or what stands in its place. An old answer is better than a failure. */
export function Loaded<T>({ query, waiting, page = false, children }: LoadedProps<T>) {
  if (query.data !== undefined) return children(query.data);
  if (query.isPending) return waiting ?? <Skeleton shape="box" />;
  return <Failure page={page} {...failureOf(query.error)} onRetry={() => void query.refetch()} />;
}
