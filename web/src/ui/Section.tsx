import type { ReactNode } from "react";
import { classes } from "./classes";
import css from "./Section.module.css";

interface SectionProps {
  title: string;
  note?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
  tone?: "plain" | "danger";
  /** The content brings its own edges, such as a table or a log. */
  bare?: boolean;
}

export function Section({ title, note, actions, children, tone = "plain", bare }: SectionProps) {
  return (
    <section className={css.section} aria-label={title}>
      <header className={css.head}>
        <h2>{title}</h2>
        {note && <span className={css.note}>{note}</span>}
        {actions && <span className={css.actions}>{actions}</span>}
      </header>
      <div className={classes(!bare && css.body, css[tone])}>{children}</div>
    </section>
  );
}
