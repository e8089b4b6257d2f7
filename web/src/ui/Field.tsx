import { Field as Base } from "@base-ui/react/field";
import type { ComponentProps, ReactNode } from "react";
import { classes } from "./classes";
import css from "./Field.module.css";

interface FieldProps {
  label: ReactNode;
  /** Says what is wrong; the control is marked invalid for everybody, screen readers included. */
  problem?: string | undefined;
  hint?: ReactNode;
  optional?: boolean;
  /** Keep the line below free, so that a message which comes and goes moves nothing. */
  children: ReactNode;
}

export function Field({ label, problem, hint, optional, children }: FieldProps) {
  return (
    <Base.Root className={css.field} invalid={Boolean(problem)}>
      <Base.Label className={css.label}>
        {label}
        {optional && <span className={css.optional}>optional</span>}
      </Base.Label>
      {children}
      {hint && !problem && <Base.Description className={css.hint}>{hint}</Base.Description>}
      {problem && (
        <Base.Error match className={css.problem}>
          {problem}
        </Base.Error>
      )}
    </Base.Root>
  );
}

interface TextFieldProps extends Omit<ComponentProps<typeof Base.Control>, "className" | "render"> {
  label: ReactNode;
  problem?: string | undefined;
  hint?: ReactNode;
  optional?: boolean;
  mono?: boolean;
  /** A button or unit at the end of the box. */
  after?: ReactNode;
  className?: string | undefined;
}

export function TextField({
  label,
  problem,
  hint,
  optional,
  mono,
  after,
  className,
  ...control
}: TextFieldProps) {
  return (
    <Field label={label} problem={problem} hint={hint} optional={optional ?? false}>
      <span className={css.box}>
        <Base.Control {...control} className={classes(css.control, mono && css.mono, className)} />
        {after && <span className={css.after}>{after}</span>}
      </span>
    </Field>
  );
}
