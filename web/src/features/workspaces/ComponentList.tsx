import { Link } from "@tanstack/react-router";
import { Logs } from "lucide-react";
import type { Component, Workspace } from "~/api/types";
import { paths } from "~/paths";
import { IconButton } from "~/ui/Button";
import { RelativeTime } from "~/ui/RelativeTime";
import { Status } from "~/ui/Status";
import css from "./ComponentList.module.css";
import { componentKind } from "./componentKind";
import { componentStatus } from "./status";

export function ComponentList({ workspace }: { workspace: Workspace }) {
  return (
    <ul className={css.list}>
      {workspace.components.map((component) => (
        <Row key={component.name} component={component} workspaceId={workspace.id} />
      ))}
    </ul>
  );
}

function Row({ component, workspaceId }: { component: Component; workspaceId: string }) {
  const { icon: Icon, label } = componentKind[component.type];
  return (
    <li className={css.row}>
      <span className={css.icon}>
        <Icon aria-hidden />
      </span>
      <span className={css.words}>
        <span className={css.name}>{component.name}</span>
        <span className={css.image}>
          {label}
          {component.image && (
            <>
              {" · "}
              <code>{component.image}</code>
            </>
          )}
        </span>
      </span>
      <span className={css.state}>
        <Status {...componentStatus(component)} />
        <span className={css.since}>
          {component.status === "running" && component.started_at && (
            <RelativeTime at={component.started_at} />
          )}
          {component.restarts > 0 && ` · ${component.restarts} restarts`}
        </span>
      </span>
      <IconButton
        icon={Logs}
        size="s"
        label={`Logs of ${component.name}`}
        render={<Link {...paths.workspaceLogs(workspaceId, component.name)} />}
      />
    </li>
  );
}
