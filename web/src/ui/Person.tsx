import type { ReactNode } from "react";
import { Initial } from "./Initial";
import css from "./Person.module.css";

interface PersonProps {
  name: string;
  detail: string;
  badges?: ReactNode;
  faded?: boolean;
}

/** Somebody in a list. */
export function Person({ name, detail, badges, faded }: PersonProps) {
  return (
    <span className={css.person} data-faded={faded || undefined}>
      <Initial name={name} />
      <span className={css.words}>
        <span className={css.name}>
          {name} {badges}
        </span>
        <span className={css.detail}>{detail}</span>
      </span>
    </span>
  );
}
