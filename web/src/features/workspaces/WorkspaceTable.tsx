import { Link } from "@tanstack/react-router";
import { paths } from "~/paths";
import { Status } from "~/ui/Status";
import table from "~/ui/Table.module.css";
import { Door } from "./Door";
import { NextStep } from "./NextStep";
import { SelectBox } from "./SelectBox";
import { StarButton } from "./StarButton";
import { workspaceStatus } from "./status";
import { type ListProps, Since } from "./WorkspaceCards";
import css from "./WorkspaceTable.module.css";

export function WorkspaceTable({ workspaces, whoIn, starred, selection }: ListProps) {
  return (
    <div className={table.frame}>
      <table className={table.table}>
        <thead>
          <tr>
            {selection && (
              <th scope="col" className={css.narrow}>
                <span className={table.unseen}>Selected</span>
              </th>
            )}
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
            <tr key={workspace.id} className={selection?.has(workspace.id) ? css.chosen : undefined}>
              {selection && (
                <td>
                  <SelectBox workspace={workspace} selection={selection} />
                </td>
              )}
              <td>
                <span className={css.head}>
                  <Link {...paths.workspace(workspace.id)} className={css.name}>
                    <Door status={workspace.status} size="s" />
                    {workspace.name}
                  </Link>
                  {!selection && (
                    <StarButton
                      workspace={workspace}
                      starred={starred.has(workspace.id)}
                      onToggle={() => starred.toggle(workspace.id)}
                    />
                  )}
                </span>
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
                {!selection && <NextStep workspace={workspace} who={whoIn(workspace.org_id)} />}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
