import { ExternalLink } from "lucide-react";
import type { Workspace } from "~/api/types";
import { CopyButton } from "~/ui/CopyButton";
import css from "./RouteLinks.module.css";

/** One door per route; a route that is live can be opened, one that is not says so. */
export function RouteLinks({ workspace }: { workspace: Workspace }) {
  if (workspace.routes.length === 0) {
    return <p className={css.none}>No component listens on a port that has a route.</p>;
  }
  return (
    <ul className={css.list}>
      {workspace.routes.map((route) => (
        <li key={route.id} className={css.route}>
          {route.status === "live" ? (
            <a className={css.link} href={route.url} target="_blank" rel="noreferrer">
              <span className={css.lamp} data-lit aria-hidden="true" />
              <span className={css.words}>
                <span className={css.app}>
                  Open {route.component} <ExternalLink aria-hidden />
                </span>
                <code className={css.host}>{route.host}</code>
              </span>
            </a>
          ) : (
            <span className={css.link}>
              <span className={css.lamp} aria-hidden="true" />
              <span className={css.words}>
                <span className={css.closed}>{route.component}, closed for now</span>
                <code className={css.host}>{route.host}</code>
              </span>
            </span>
          )}
          <CopyButton text={route.url} label={`Copy the address of ${route.component}`} />
        </li>
      ))}
    </ul>
  );
}
