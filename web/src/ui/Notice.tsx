import { CircleAlert, Info, TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";
import { classes } from "./classes";
import css from "./Notice.module.css";

const icons = { info: Info, warn: TriangleAlert, fail: CircleAlert };

interface NoticeProps {
  tone: keyof typeof icons;
  title?: ReactNode;
  children?: ReactNode;
  action?: ReactNode;
}

/** A message that belongs to the place where it stands. Failures are announced. */
export function Notice({ tone, title, children, action }: NoticeProps) {
  const Icon = icons[tone];
  return (
    <div className={classes(css.notice, css[tone])} role={tone === "fail" ? "alert" : undefined}>
      <Icon className={css.icon} aria-hidden />
      <div className={css.text}>
        {title && <p className={css.title}>{title}</p>}
        {children}
      </div>
      {action && <div className={css.action}>{action}</div>}
    </div>
  );
}
