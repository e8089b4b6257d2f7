import { ApiProblem, Unreachable } from "~/api/problem";

export interface FailureFacts {
  title: string;
  detail: string;
  requestId: string | null;
}

/** What to tell a person about an error, whatever its kind. */
export function failureOf(error: unknown): FailureFacts {
  if (error instanceof ApiProblem) {
    const title = error.status === 404 ? "This does not exist, or is not yours to see" : "The server refused";
    return {
      title: error.status >= 500 ? "The server failed" : title,
      detail: error.message,
      requestId: error.requestId,
    };
  }
  if (error instanceof Unreachable) {
    return { title: "No answer from the server", detail: error.message, requestId: null };
  }
  return {
    title: "Something in this page broke",
    detail: error instanceof Error ? error.message : String(error),
    requestId: null,
  };
}
