import { Link, type LinkOptions } from "@tanstack/react-router";
import css from "./TabLinks.module.css";

interface TabLink {
  to: LinkOptions;
  label: string;
  /** Chosen only at this very address, not at those below it. */
  exact?: boolean;
}

/** The parts of one thing, each with an address of its own. */
export function TabLinks({ label, tabs }: { label: string; tabs: readonly TabLink[] }) {
  return (
    <nav className={css.tabs} aria-label={label}>
      {tabs.map(({ to, label: name, exact = false }) => (
        <Link key={name} {...to} className={css.tab} activeOptions={{ exact, includeSearch: false }}>
          {name}
        </Link>
      ))}
    </nav>
  );
}
