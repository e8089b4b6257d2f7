import { useQuery } from "@tanstack/react-query";
import { Link, useSearch } from "@tanstack/react-router";
import { deploymentQueries } from "~/api/deployments";
import { DeploymentPanel } from "~/features/deployments/DeploymentPanel";
import { deploymentStatus, kindWords } from "~/features/deployments/words";
import { failureOf } from "~/features/failure";
import { useWorkspace } from "~/hooks/useWorkspace";
import { paths } from "~/paths";
import { Empty } from "~/ui/Empty";
import { Failure } from "~/ui/Failure";
import { RelativeTime } from "~/ui/RelativeTime";
import { Skeleton } from "~/ui/Skeleton";
import { Status } from "~/ui/Status";
import css from "./DeploymentsTab.module.css";

export function DeploymentsTab() {
  const workspace = useWorkspace();
  const { deployment: chosen } = useSearch({ from: "/app/workspaces/$id/deployments" });
  const query = useQuery(deploymentQueries.ofWorkspace(workspace.id));
  if (query.isPending) return <Skeleton shape="box" />;
  if (!query.data) return <Failure {...failureOf(query.error)} onRetry={() => query.refetch()} />;
  const deployments = query.data.items;
  const shown = chosen ?? deployments[0]?.id;
  if (!shown) return <Empty title="No deployment yet">Each start, stop and change is recorded here.</Empty>;
  return (
    <div className={css.columns}>
      <ol className={css.list} aria-label="Deployments, newest first">
        {deployments.map((deployment) => (
          <li key={deployment.id}>
            <Link
              {...paths.workspaceDeployments(workspace.id, deployment.id)}
              className={css.entry}
              data-shown={deployment.id === shown || undefined}
              aria-current={deployment.id === shown ? "true" : undefined}
            >
              <span className={css.kind}>{kindWords[deployment.kind]}</span>
              <Status {...deploymentStatus[deployment.status]} />
              <span className={css.when}>
                <RelativeTime at={deployment.created_at} />
                {deployment.requested_by && ` by ${deployment.requested_by.username}`}
              </span>
            </Link>
          </li>
        ))}
      </ol>
      <div className={css.panel}>
        <DeploymentPanel id={shown} />
      </div>
    </div>
  );
}
