import { classes } from "./classes";
import css from "./Keys.module.css";

interface KeysProps {
  caps: readonly string[];
  /** Even where there seems to be no keyboard. */
  always?: boolean;
}

/** Keys to press, one after the other or, where the first is a modifier, together. */
export function Keys({ caps, always }: KeysProps) {
  return (
    <span className={classes(css.keys, !always && css.aside)}>
      {caps.map((cap) => (
        <kbd key={cap} className={css.key}>
          {cap}
        </kbd>
      ))}
    </span>
  );
}
