import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { deploymentQueries } from "~/api/deployments";
import type { Deployment } from "~/api/types";
import { failureOf } from "~/features/failure";
import { paths } from "~/paths";
import { Failure } from "~/ui/Failure";
import { duration } from "~/ui/format";
import { RelativeTime } from "~/ui/RelativeTime";
import { Skeleton } from "~/ui/Skeleton";
import { Status } from "~/ui/Status";
import css from "./RecentDeployments.module.css";
import { deploymentStatus, kindWords } from "./words";

const SHOWN = 4;

export function RecentDeployments({ workspaceId }: { workspaceId: string }) {
  const query = useQuery(deploymentQueries.ofWorkspace(workspaceId));
  if (query.isPending) return <Skeleton shape="box" />;
  if (!query.data) return <Failure {...failureOf(query.error)} onRetry={() => query.refetch()} />;
  return (
    <ul className={css.list}>
      {query.data.items.slice(0, SHOWN).map((deployment) => (
        <li key={deployment.id} className={css.row}>
          <Link {...paths.workspaceDeployments(workspaceId, deployment.id)} className={css.kind}>
            {kindWords[deployment.kind]}
          </Link>
          <Status {...deploymentStatus[deployment.status]} />
          <span className={css.took}>{took(deployment)}</span>
          <span className={css.when}>
            <RelativeTime at={deployment.created_at} />
            {deployment.requested_by && ` by ${deployment.requested_by.username}`}
          </span>
        </li>
      ))}
    </ul>
  );
}

function took({ created_at, finished_at }: Deployment): string {
  return finished_at ? duration(Date.parse(finished_at) - Date.parse(created_at)) : "";
}
