import css from "./Mark.module.css";

/** The sign of the house: a door within a door, lamp lit. */
export function Mark({ size = 24 }: { size?: number }) {
  return (
    <svg className={css.mark} width={size} height={size} viewBox="0 0 32 32" aria-hidden="true">
      <path className={css.wall} d="M3 30V15a13 13 0 0 1 26 0v15z" />
      <path className={css.arch} d="M8 30V15.5a8 8 0 0 1 16 0V30" />
      <path className={css.lamp} d="M12.500 30V16a3.500 3.500 0 0 1 7 0v14z" />
    </svg>
  );
}
