import type { LucideIcon } from "lucide-react";
import type { ReactNode } from "react";
import css from "./ItemList.module.css";

/** Things that are looked at one by one rather than compared: what would be compared is a table. */
export function ItemList({ label, children }: { label: string; children: ReactNode }) {
  return (
    <ul className={css.list} aria-label={label}>
      {children}
    </ul>
  );
}

interface ItemProps {
  icon: LucideIcon;
  title: ReactNode;
  /** Lasting traits, beside the title. */
  badges?: ReactNode;
  /** Lesser facts below, in the order of their weight. */
  facts: readonly ReactNode[];
  action?: ReactNode;
  faded?: boolean;
}

export function Item({ icon: Icon, title, badges, facts, action, faded }: ItemProps) {
  return (
    <li className={css.item} data-faded={faded || undefined}>
      <Icon className={css.icon} aria-hidden />
      <div className={css.words}>
        <p className={css.title}>
          {title} {badges}
        </p>
        <p className={css.facts}>
          {facts.filter(Boolean).map((fact, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: the facts of a thing have a fixed order
            <span key={index} className={css.fact}>
              {fact}
            </span>
          ))}
        </p>
      </div>
      {action}
    </li>
  );
}
