import css from "./Waiting.module.css";

/** Shown only when a page takes longer than a moment to arrive. */
export function Waiting() {
  return (
    <div className={css.waiting} role="status">
      <span className={css.lamp} aria-hidden="true" />
      <span className={css.word}>Loading</span>
    </div>
  );
}
