import { classes } from "./classes";
import css from "./Skeleton.module.css";

type Shape = "line" | "title" | "door" | "box" | "button";

/** Stands where content will stand, in its size, so that nothing moves when it arrives. */
export function Skeleton({ shape = "line", className }: { shape?: Shape; className?: string | undefined }) {
  return <span className={classes(css.bone, css[shape], className)} aria-hidden="true" />;
}
