import type { ReactNode } from "react";
import css from "./ActionRow.module.css";

interface ActionRowProps {
  title: string;
  /** What it is, or what will happen. */
  children: ReactNode;
  action: ReactNode;
}

/** One thing that can be done, and what it means. Several stand below each other in a Section. */
export function ActionRow({ title, children, action }: ActionRowProps) {
  return (
    <div className={css.row}>
      <div className={css.words}>
        <h3>{title}</h3>
        <div className={css.text}>{children}</div>
      </div>
      <div className={css.action}>{action}</div>
    </div>
  );
}
