import type { ReactNode } from "react";
import { classes } from "./classes";
import css from "./Empty.module.css";

interface EmptyProps {
  title: string;
  children?: ReactNode;
  action?: ReactNode;
  tone?: "rest" | "fail";
  /** It takes the whole page, so its title is the page's. */
  page?: boolean;
}

/** Nothing here yet: an unlit door, and what to do next. */
export function Empty({ title, children, action, tone = "rest", page }: EmptyProps) {
  const Heading = page ? "h1" : "h2";
  return (
    <section className={classes(css.empty, css[tone])}>
      <svg className={css.door} viewBox="0 0 64 84" aria-hidden="true">
        <path d="M1 83V32a31 31 0 0 1 62 0v51z" />
        <path d="M13 83V33a19 19 0 0 1 38 0v50z" />
        <path d="M25 83V35a7 7 0 0 1 14 0v48z" />
      </svg>
      <Heading className={css.title}>{title}</Heading>
      <div className={css.text}>{children}</div>
      {action && <div className={css.action}>{action}</div>}
    </section>
  );
}
