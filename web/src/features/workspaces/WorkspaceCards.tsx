import { Link } from "@tanstack/react-router";
import type { Workspace } from "~/api/types";
import type { Who } from "~/features/policy";
import { paths } from "~/paths";
import { RelativeTime } from "~/ui/RelativeTime";
import { Skeleton } from "~/ui/Skeleton";
import { Status } from "~/ui/Status";
import { Door } from "./Door";
import { NextStep } from "./NextStep";
import { type Picked, SelectBox } from "./SelectBox";
import { StarButton } from "./StarButton";
import { workspaceStatus } from "./status";
import css from "./WorkspaceCards.module.css";

export interface ListProps {
  workspaces: readonly Workspace[];
  whoIn(orgId: string): Who;
  starred: Picked;
  /** Given while several are being selected; then a press selects instead of leading there. */
  selection?: Picked | undefined;
}

export function WorkspaceCards({ workspaces, whoIn, starred, selection }: ListProps) {
  return (
    <ul className={css.grid}>
      {workspaces.map((workspace) => (
        <li key={workspace.id} className={css.card}>
          <Door status={workspace.status} />
          <div className={css.words}>
            <div className={css.head}>
              {selection ? (
                <label className={css.name} htmlFor={`select-${workspace.id}`}>
                  {workspace.name}
                </label>
              ) : (
                <Link {...paths.workspace(workspace.id)} className={css.name}>
                  {workspace.name}
                </Link>
              )}
              {!selection && (
                <span className={css.star}>
                  <StarButton
                    workspace={workspace}
                    starred={starred.has(workspace.id)}
                    onToggle={() => starred.toggle(workspace.id)}
                  />
                </span>
              )}
            </div>
            <Status {...workspaceStatus[workspace.status]} />
          </div>
          <p className={css.facts}>
            <span className={css.template}>
              {workspace.template.name} <span className={css.version}>v{workspace.template.version}</span>
            </span>
            <Since workspace={workspace} />
          </p>
          <div className={css.action}>
            {selection ? (
              <SelectBox workspace={workspace} selection={selection} />
            ) : (
              <NextStep workspace={workspace} who={whoIn(workspace.org_id)} />
            )}
          </div>
        </li>
      ))}
    </ul>
  );
}

export function Since({ workspace }: { workspace: Workspace }) {
  if (workspace.status === "running" && workspace.started_at) {
    return (
      <span>
        up since <RelativeTime at={workspace.started_at} />
      </span>
    );
  }
  return (
    <span>
      changed <RelativeTime at={workspace.updated_at} />
    </span>
  );
}

export function WorkspaceCardsSkeleton() {
  return (
    <div className={css.grid}>
      {[1, 2, 3, 4, 5, 6].map((n) => (
        <div key={n} className={css.card}>
          <Skeleton shape="door" />
          <div className={css.words}>
            <Skeleton shape="title" />
            <Skeleton />
          </div>
          <div className={css.facts}>
            <Skeleton />
          </div>
        </div>
      ))}
    </div>
  );
}
