import createClient from "openapi-fetch";
import { problemFrom } from "./problem";
import type { paths } from "./schema";
import { sessionFetch } from "./session";

export const api = createClient<paths>({ baseUrl: location.origin, fetch: sessionFetch });

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
