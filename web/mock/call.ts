import type { FieldError } from "../src/api/types.ts";

export class Refusal extends Error {
  readonly status: number;
  readonly code: string;
  readonly fields: FieldError[];
  constructor(status: number, code: string, message: string, fields: FieldError[] = []) {
    super(message);
    this.status = status;
    this.code = code;
    this.fields = fields;
  }
}

export interface Call {
  path: Record<string, string>;
  query: URLSearchParams;
  // biome-ignore lint/suspicious/noExplicitAny: whatever the client sent
  body: any;
  accept: string;
  signedIn: boolean;
}

export interface Reply {
  status?: number;
  body?: unknown;
  /** Sent as it is, with this media type, in place of JSON. */
  file?: { type: string; text: string };
  cookie?: string;
}

export type Answer = (call: Call) => Reply;
export type Answers = [method: string, pattern: string, answer: Answer][];

export const list = <T>(items: T[]) => ({ body: { items, next_cursor: null } });

/** As many as are asked for, and where the next ones begin. */
export function pageOf<T>(items: T[], query: URLSearchParams) {
  const from = Number(query.get("cursor") ?? 0);
  const to = from + Number(query.get("limit") ?? 50);
  return { body: { items: items.slice(from, to), next_cursor: to < items.length ? String(to) : null } };
}

export const gone: Reply = { status: 204 };

/** What the address names, or the refusal. */
export function found<T>(candidate: T | undefined, what: string): T {
  if (candidate === undefined) throw new Refusal(404, "not_found", `There is no such ${what}.`);
  return candidate;
}

export function refuseField(field: string, code: string, message: string): Refusal {
  return new Refusal(422, "invalid", "The request is not valid.", [{ field, code, message }]);
}
