import type { FieldError, Problem } from "./types";

/** The server answered, and said no. Carries everything a view needs to explain it. */
export class ApiProblem extends Error {
  readonly status: number;
  readonly code: string;
  readonly requestId: string | null;
  readonly fields: readonly FieldError[];

  constructor(problem: Partial<Problem> & { status: number; title: string }) {
    super(problem.detail || problem.title);
    this.name = "ApiProblem";
    this.status = problem.status;
    this.code = problem.code ?? "unknown";
    this.requestId = problem.request_id || null;
    this.fields = problem.errors ?? [];
  }

  /** The message for one form field, named as in the request body. */
  field(name: string): string | undefined {
    return this.fields.find((error) => error.field === name || error.field === `/${name}`)?.message;
  }
}

/** No answer arrived: the server is away, or the network is. */
export class Unreachable extends Error {
  constructor(cause: unknown) {
    super("The server cannot be reached. Check the connection and try again.", { cause });
    this.name = "Unreachable";
  }
}

export async function problemFrom(response: Response): Promise<ApiProblem> {
  const fallback = {
    status: response.status,
    title: response.statusText || `The server answered ${response.status}`,
    request_id: response.headers.get("x-request-id") ?? "",
  };
  if (!response.headers.get("content-type")?.includes("json")) return new ApiProblem(fallback);
  try {
    return new ApiProblem({ ...fallback, ...((await response.json()) as Partial<Problem>) });
  } catch {
    return new ApiProblem(fallback);
  }
}
