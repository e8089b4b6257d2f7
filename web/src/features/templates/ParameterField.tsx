import type { ReactNode } from "react";
import type { Parameter } from "~/api/types";
import { Field, TextField } from "~/ui/Field";
import { Segments } from "~/ui/Segments";
import { Select } from "~/ui/Select";
import { Switch } from "~/ui/Switch";
import { TextArea } from "~/ui/TextArea";

interface ParameterFieldProps {
  parameter: Parameter;
  value: string | boolean;
  onChange(value: string | boolean): void;
  problem: string | undefined;
}

/** A few short options lie side by side; more go into a menu. */
const SEGMENTS_AT_MOST = 4;

/** The control that fits the question a template asks. */
export function ParameterField({ parameter, value, onChange, problem }: ParameterFieldProps) {
  const { name, type, options, required, mutable } = parameter;
  const hint = hintOf(parameter);
  const shared = {
    label: name,
    hint,
    problem,
    optional: !required && type !== "bool" && options.length === 0,
  };
  const fixed = !mutable && <> It cannot be changed later.</>;

  if (type === "bool") {
    return (
      <Field {...shared} hint={withFixed(hint, fixed)}>
        <span>
          <Switch checked={value === true} onChange={onChange} />
        </span>
      </Field>
    );
  }
  if (options.length > 0 && type !== "list") {
    const choices = options.map((option) => ({ value: String(option), label: String(option) }));
    const short = choices.length <= SEGMENTS_AT_MOST && choices.every(({ label }) => label.length <= 12);
    return (
      <Field {...shared} hint={withFixed(hint, fixed)}>
        {short ? (
          <span>
            <Segments label={name} value={String(value)} onChange={onChange} options={choices} />
          </span>
        ) : (
          <Select value={String(value)} onChange={onChange} options={choices} />
        )}
      </Field>
    );
  }
  if (type === "list") {
    return (
      <TextArea
        {...shared}
        hint={withFixed(hint, fixed)}
        value={String(value)}
        onValueChange={onChange}
        rows={3}
      />
    );
  }
  return (
    <TextField
      {...shared}
      hint={withFixed(hint, fixed)}
      value={String(value)}
      onValueChange={onChange}
      inputMode={type === "number" ? "decimal" : undefined}
      mono={type === "number"}
    />
  );
}

function hintOf({ type, description, min, max }: Parameter): string {
  const range =
    min !== null && max !== null
      ? `${min} to ${max}.`
      : min !== null
        ? `At least ${min}.`
        : max !== null
          ? `At most ${max}.`
          : "";
  return [description, type === "list" && "One per line.", range].filter(Boolean).join(" ");
}

function withFixed(hint: string, fixed: ReactNode): ReactNode {
  return hint || fixed ? (
    <>
      {hint}
      {fixed}
    </>
  ) : undefined;
}
