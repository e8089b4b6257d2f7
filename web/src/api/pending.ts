import type { paths } from "./schema";

/**
 * Operations that the interface is to have and the checked-in OpenAPI document does not show yet, in the shape of
 * the generated ones: as each lands, its lines here go and every call stays as it is.
 */
type Time = string;

interface Page<T> {
  items: T[];
  next_cursor: string | null;
}

interface Facts {
  path?: object;
  query?: object;
  body?: unknown;
  answer?: unknown;
}

type Operation<F extends Facts> = {
  parameters: (F extends { path: infer P } ? { path: P } : { path?: never }) &
    (F extends { query: infer Q } ? { query?: Q } : { query?: never }) & { header?: never; cookie?: never };
  responses: {
    200: {
      headers: { [name: string]: unknown };
      content: { "application/json": F extends { answer: infer A } ? A : undefined };
    };
  };
} & (F extends { body: infer B }
  ? { requestBody: { content: { "application/json": B } } }
  : { requestBody?: never });

export interface Variable {
  name: string;
  /** Null when it is secret: what was written is not read back. */
  value: string | null;
  secret: boolean;
  updated_at: Time;
}

interface Pending {
  "/api/v1/me/variables": { get: Operation<{ answer: Page<Variable> }> };
  "/api/v1/me/variables/{name}": {
    put: Operation<{ path: { name: string }; body: { value: string; secret: boolean }; answer: Variable }>;
    delete: Operation<{ path: { name: string } }>;
  };
  "/api/v1/orgs/{org}/variables": { get: Operation<{ path: { org: string }; answer: Page<Variable> }> };
  "/api/v1/orgs/{org}/variables/{name}": {
    put: Operation<{
      path: { org: string; name: string };
      body: { value: string; secret: boolean };
      answer: Variable;
    }>;
    delete: Operation<{ path: { org: string; name: string } }>;
  };
}

export type PlannedPaths = Omit<paths, keyof Pending> & {
  [P in keyof Pending]: P extends keyof paths ? Omit<paths[P], keyof Pending[P]> & Pending[P] : Pending[P];
};
