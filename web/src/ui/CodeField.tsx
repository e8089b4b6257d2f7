import css from "./CodeField.module.css";
import { TextField } from "./Field";

interface CodeFieldProps {
  label?: string;
  value: string;
  onValueChange(value: string): void;
  /** Six digits are there: nothing more is to be typed. */
  onComplete?(code: string): void;
  problem?: string | undefined;
  hint?: string;
  autoFocus?: boolean;
}

const DIGITS = 6;

/** The six digits of an authenticator app. A code that is pasted with spaces is the same code. */
export function CodeField({ label = "Code", value, onValueChange, onComplete, ...field }: CodeFieldProps) {
  return (
    <TextField
      {...field}
      label={label}
      name="code"
      className={css.code}
      inputMode="numeric"
      autoComplete="one-time-code"
      pattern="[0-9 ]*"
      maxLength={DIGITS + 1}
      required
      mono
      value={value}
      onValueChange={(typed) => {
        const digits = typed.replace(/\D/g, "").slice(0, DIGITS);
        onValueChange(digits);
        if (digits.length === DIGITS && digits !== value) onComplete?.(digits);
      }}
    />
  );
}
