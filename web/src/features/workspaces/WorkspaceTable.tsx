import { Link } from "@tanstack/react-router";
import type { Workspace } from "~/api/types";
import type { Who } from "~/features/policy";
import { paths } from "~/paths";
import { Status } from "~/ui/Status";
import table from "~/ui/Table.module.css";
import { Door } from "./Door";
import { NextStep } from "./NextStep";
import { workspaceStatus } from "./status";
import { Since } from "./WorkspaceCards";
import css from "./WorkspaceTable.module.css";

interface ListProps {
  workspaces: readonly Workspace[];
  whoIn(orgId: string): Who;
}

export function WorkspaceTable({ workspaces, whoIn }: ListProps) {
  return (
    <div className={table.frame}>
      <table className={table.table}>
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col">Status</th>
            <th scope="col" className={table.wideOnly}>
              Template
            </th>
            <th scope="col" className={table.wideOnly}>
              Since
            </th>
            <th scope="col" className={table.end}>
              <span className={table.unseen}>Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {workspaces.map((workspace) => (
            <tr key={workspace.id}>
              <td>
                <Link {...paths.workspace(workspace.id)} className={css.name}>
                  <Door status={workspace.status} size="s" />
                  {workspace.name}
                </Link>
              </td>
              <td>
                <Status {...workspaceStatus[workspace.status]} />
              </td>
              <td className={table.wideOnly}>
                {workspace.template.name} <span className={css.version}>v{workspace.template.version}</span>
              </td>
              <td className={table.wideOnly}>
                <Since workspace={workspace} />
              </td>
              <td className={table.end}>
                <NextStep workspace={workspace} who={whoIn(workspace.org_id)} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
