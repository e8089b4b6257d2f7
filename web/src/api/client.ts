import createClient from "openapi-fetch";
import type { PlannedPaths } from "./pending";
import { problemFrom } from "./problem";
import { sessionFetch } from "./session";

export const api = createClient<PlannedPaths>({ baseUrl: location.origin, fetch: sessionFetch });

// Every refusal becomes a thrown ApiProblem here, so that queries and mutations see one kind of failure.
api.use({
  async onResponse({ response }) {
    if (!response.ok) throw await problemFrom(response);
  },
});

/** Unwraps the body of a successful call. */
export async function body<T>(call: Promise<{ data?: T }>): Promise<T> {
  return (await call).data as T;
}
