import { QueryClient } from "@tanstack/react-query";
import { ApiProblem } from "./problem";

/** Answers stay fresh until the live stream says otherwise, so there is no polling and no refetch on focus. */
export function makeQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 60_000,
        refetchOnWindowFocus: false,
        retry: (failures, error) => !(error instanceof ApiProblem && error.status < 500) && failures < 2,
        retryDelay: (attempt) => Math.min(400 * 2 ** attempt, 4000),
      },
    },
  });
}
