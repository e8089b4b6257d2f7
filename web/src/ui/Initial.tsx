import css from "./Initial.module.css";

/** The first letter of a name, in the shape of a door: for the eye only, the name stands beside it. */
export function Initial({ name }: { name: string }) {
  return (
    <span className={css.initial} aria-hidden="true">
      {name.slice(0, 1).toUpperCase()}
    </span>
  );
}
