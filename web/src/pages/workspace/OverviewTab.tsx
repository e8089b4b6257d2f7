import { Link } from "@tanstack/react-router";
import { DeploymentPanel } from "~/features/deployments/DeploymentPanel";
import { RecentDeployments } from "~/features/deployments/RecentDeployments";
import { ComponentList } from "~/features/workspaces/ComponentList";
import { CurrentUse } from "~/features/workspaces/CurrentUse";
import { RouteLinks } from "~/features/workspaces/RouteLinks";
import { WorkspaceFacts } from "~/features/workspaces/WorkspaceFacts";
import { useWorkspace } from "~/hooks/useWorkspace";
import { paths } from "~/paths";
import { Notice } from "~/ui/Notice";
import { Section } from "~/ui/Section";
import css from "./OverviewTab.module.css";

export function OverviewTab() {
  const workspace = useWorkspace();
  const { deployment, status } = workspace;
  const telling = deployment && (deployment.status !== "succeeded" || status === "failed");
  return (
    <div className={css.columns}>
      <div className={css.main}>
        {status === "unknown" && (
          <div className={css.notice}>
            <Notice tone="warn" title="Its host cannot be reached">
              {workspace.status_reason ?? "What runs there is not known until the host answers again."}
            </Notice>
          </div>
        )}
        {status === "failed" && !deployment && workspace.status_reason && (
          <div className={css.notice}>
            <Notice tone="fail" title="Failed">
              {workspace.status_reason}
            </Notice>
          </div>
        )}
        {telling && <DeploymentPanel id={deployment.id} />}
        <Section
          title="Components"
          bare
          actions={<Link {...paths.workspaceLogs(workspace.id)}>All logs</Link>}
        >
          <ComponentList workspace={workspace} />
        </Section>
        {status === "running" && <CurrentUse workspaceId={workspace.id} />}
        <Section
          title="Lately"
          bare
          actions={<Link {...paths.workspaceDeployments(workspace.id)}>All deployments</Link>}
        >
          <RecentDeployments workspaceId={workspace.id} />
        </Section>
      </div>
      <aside className={css.aside}>
        <div className={css.doors}>
          <Section title="Doors" bare>
            <RouteLinks workspace={workspace} />
          </Section>
        </div>
        <Section title="About">
          <WorkspaceFacts workspace={workspace} />
        </Section>
      </aside>
    </div>
  );
}
