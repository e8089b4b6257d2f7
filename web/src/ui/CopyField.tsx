import { useId } from "react";
import { CopyButton } from "./CopyButton";
import css from "./CopyField.module.css";

interface CopyFieldProps {
  label: string;
  text: string;
  hint?: string;
}

/** Something long to be taken elsewhere: a link, a secret. */
export function CopyField({ label, text, hint }: CopyFieldProps) {
  const id = useId();
  return (
    <div className={css.field}>
      <label htmlFor={id} className={css.label}>
        {label}
      </label>
      <span className={css.box}>
        <input
          id={id}
          className={css.text}
          readOnly
          value={text}
          spellCheck={false}
          onFocus={(event) => event.target.select()}
        />
        <CopyButton text={text} label={`Copy ${label.toLowerCase()}`} />
      </span>
      {hint && <p className={css.hint}>{hint}</p>}
    </div>
  );
}
