import type { ReactNode } from "react";
import css from "./PageHeader.module.css";

interface PageHeaderProps {
  title: ReactNode;
  lead?: ReactNode;
  /** Before the title, in its line: a door, an icon. */
  before?: ReactNode;
  actions?: ReactNode;
}

export function PageHeader({ title, lead, before, actions }: PageHeaderProps) {
  return (
    <header className={css.header}>
      {before}
      <div className={css.words}>
        <h1>{title}</h1>
        {lead && <div className={css.lead}>{lead}</div>}
      </div>
      {actions && <div className={css.actions}>{actions}</div>}
    </header>
  );
}
