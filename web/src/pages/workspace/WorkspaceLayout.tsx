import { useQuery } from "@tanstack/react-query";
import { Link, Outlet, useParams } from "@tanstack/react-router";
import { workspaceQueries } from "~/api/workspaces";
import { failureOf } from "~/features/failure";
import { Door } from "~/features/workspaces/Door";
import { LifecycleButton, OpenButton } from "~/features/workspaces/LifecycleButton";
import { StarButton } from "~/features/workspaces/StarButton";
import { useStarred } from "~/features/workspaces/starred";
import { workspaceStatus } from "~/features/workspaces/status";
import { tabOf } from "~/features/workspaces/tab";
import { useMembership } from "~/hooks/useMembership";
import { useTabSign } from "~/hooks/useTabSign";
import { useTitle } from "~/hooks/useTitle";
import { paths } from "~/paths";
import { Button } from "~/ui/Button";
import { Empty } from "~/ui/Empty";
import { Failure } from "~/ui/Failure";
import { PageHeader } from "~/ui/PageHeader";
import { Skeleton } from "~/ui/Skeleton";
import { Status } from "~/ui/Status";
import { TabLinks } from "~/ui/TabLinks";

export function WorkspaceLayout() {
  const { id } = useParams({ from: "/app/workspaces/$id" });
  const query = useQuery(workspaceQueries.one(id));
  const { me, whoIn } = useMembership();
  const [starred, toggleStar] = useStarred(me.id);
  const workspace = query.data;
  const tab = workspace && tabOf(workspace);
  useTitle(tab?.title);
  useTabSign(tab?.sign);

  if (query.isPending) return <WorkspaceSkeleton />;
  if (!workspace) return <Failure page {...failureOf(query.error)} onRetry={() => query.refetch()} />;
  if (workspace.status === "destroyed") {
    return (
      <Empty
        page
        title={`${workspace.name} is gone`}
        action={<Button render={<Link {...paths.home()} />}>Go to my workspaces</Button>}
      >
        It was destroyed. Nothing of it is left on its host.
      </Empty>
    );
  }

  const who = whoIn(workspace.org_id);
  const shared = { workspace, who };
  const stopped = workspace.status === "stopped";
  const moving = workspaceStatus[workspace.status].tone === "move";
  return (
    <>
      <PageHeader
        before={<Door status={workspace.status} size="l" />}
        title={workspace.name}
        lead={
          <>
            <span aria-live="polite">
              <Status {...workspaceStatus[workspace.status]} />
            </span>
            <span>
              {workspace.template.name} v{workspace.template.version}
            </span>
            {workspace.host && <span>on {workspace.host.name}</span>}
          </>
        }
        actions={
          <>
            <StarButton
              workspace={workspace}
              starred={starred.includes(id)}
              onToggle={() => toggleStar(id)}
            />
            {moving && <LifecycleButton verb="cancel" {...shared} />}
            {workspace.status === "failed" && <LifecycleButton verb="retry" look="primary" {...shared} />}
            <LifecycleButton verb="restart" {...shared} />
            {stopped ? (
              <LifecycleButton verb="start" look="primary" {...shared} />
            ) : (
              <LifecycleButton verb="stop" {...shared} />
            )}
            {(moving || workspace.status === "running") && <OpenButton {...shared} />}
          </>
        }
      />
      <TabLinks
        label="Workspace"
        tabs={[
          { to: paths.workspace(id), label: "Overview", exact: true },
          { to: paths.workspaceDeployments(id), label: "Deployments" },
          { to: paths.workspaceLogs(id), label: "Logs" },
          { to: paths.workspaceTerminal(id), label: "Terminal" },
          { to: paths.workspaceMetrics(id), label: "Metrics" },
          { to: paths.workspaceRoutes(id), label: "Routes" },
          { to: paths.workspaceSettings(id), label: "Settings" },
        ]}
      />
      <Outlet />
    </>
  );
}

function WorkspaceSkeleton() {
  return (
    <>
      <PageHeader before={<Skeleton shape="door" />} title={<Skeleton shape="title" />} lead={<Skeleton />} />
      <Skeleton shape="box" />
    </>
  );
}
