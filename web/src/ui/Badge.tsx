import type { ReactNode } from "react";
import css from "./Badge.module.css";

interface BadgeProps {
  tone?: "rest" | "accent" | "warn" | "fail";
  children: ReactNode;
}

/** A lasting trait of a thing, in a word or two. What changes by itself is a Status. */
export function Badge({ tone = "rest", children }: BadgeProps) {
  return (
    <span className={css.badge} data-tone={tone}>
      {children}
    </span>
  );
}
