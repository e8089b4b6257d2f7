import { ApiProblem } from "~/api/problem";
import { Notice } from "~/ui/Notice";

/** Which field the server complained about, in its words. */
export function fieldProblem(error: unknown, field: string): string | undefined {
  return error instanceof ApiProblem ? error.field(field) : undefined;
}

interface RefusedProps {
  title: string;
  error: unknown;
  /** Fields of the form that show their own problems. */
  fields?: readonly string[];
}

/** Above a form: why it was not taken, unless a field says so already. */
export function Refused({ title, error, fields = [] }: RefusedProps) {
  if (!error) return null;
  if (fields.some((field) => fieldProblem(error, field))) return null;
  return (
    <Notice tone="fail" title={title}>
      {error instanceof Error ? error.message : String(error)}
    </Notice>
  );
}
