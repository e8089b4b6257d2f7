import css from "./Status.module.css";

type Tone = "run" | "move" | "rest" | "fail" | "warn";

/** A state in a word, its tone in colour and shape: never in colour alone. */
export function Status({ tone, label }: { tone: Tone; label: string }) {
  return (
    <span className={css.status} data-tone={tone}>
      <span className={css.dot} aria-hidden="true" />
      {label}
    </span>
  );
}
