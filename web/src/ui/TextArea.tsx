import { Field as Base } from "@base-ui/react/field";
import type { ReactNode } from "react";
import { classes } from "./classes";
import { Field } from "./Field";
import css from "./Field.module.css";

interface TextAreaProps {
  label: ReactNode;
  value: string;
  onValueChange(value: string): void;
  rows?: number;
  problem?: string | undefined;
  hint?: ReactNode;
  optional?: boolean;
}

export function TextArea({ label, value, onValueChange, rows = 3, ...field }: TextAreaProps) {
  return (
    <Field label={label} {...field}>
      <Base.Control
        className={classes(css.control, css.mono, css.area)}
        value={value}
        onValueChange={onValueChange}
        render={<textarea rows={rows} spellCheck={false} />}
      />
    </Field>
  );
}
