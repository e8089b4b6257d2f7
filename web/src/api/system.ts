import { queryOptions } from "@tanstack/react-query";
import { api, body } from "./client";
import { keys } from "./keys";
import { problemFrom, Unreachable } from "./problem";
import type { Readiness } from "./types";

export const systemQueries = {
  hosts: () =>
    queryOptions({
      queryKey: keys.hosts,
      queryFn: ({ signal }) => body(api.GET("/api/v1/hosts", { signal })),
    }),
  readiness: () => queryOptions({ queryKey: keys.readiness, queryFn: ({ signal }) => readiness(signal) }),
};

/** That something fails is an answer here, not a failure to answer. */
async function readiness(signal: AbortSignal): Promise<Readiness> {
  const answer = await fetch("/readyz", { signal, headers: { accept: "application/json" } }).catch(
    (cause) => {
      throw signal.aborted ? cause : new Unreachable(cause);
    },
  );
  const kind = answer.headers.get("content-type") ?? "";
  if (!kind.startsWith("application/json")) throw await problemFrom(answer);
  return (await answer.json()) as Readiness;
}
