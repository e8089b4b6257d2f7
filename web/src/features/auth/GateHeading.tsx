import type { ReactNode } from "react";
import css from "./Gate.module.css";

/** What a page before the door is for. */
export function GateHeading({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <>
      <h1 className={css.title}>{title}</h1>
      <div className={css.lead}>{children}</div>
    </>
  );
}
