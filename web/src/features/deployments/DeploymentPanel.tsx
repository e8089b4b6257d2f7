import { useQuery } from "@tanstack/react-query";
import { deploymentQueries, isSettled } from "~/api/deployments";
import type { Deployment } from "~/api/types";
import { failureOf } from "~/features/failure";
import { useNow } from "~/hooks/useNow";
import { Failure } from "~/ui/Failure";
import { duration } from "~/ui/format";
import { Section } from "~/ui/Section";
import { Skeleton } from "~/ui/Skeleton";
import { Status } from "~/ui/Status";
import { DeploymentFailure } from "./DeploymentFailure";
import { DeploymentLog } from "./DeploymentLog";
import css from "./DeploymentPanel.module.css";
import { StepTimeline } from "./StepTimeline";
import { deploymentStatus, kindWords } from "./words";

/** One deployment: outcome, steps in time, log. Live while it is under way. */
export function DeploymentPanel({ id }: { id: string }) {
  const query = useQuery(deploymentQueries.one(id));
  if (query.isPending) return <Skeleton shape="box" className={css.waiting} />;
  if (query.isError && !query.data) {
    return <Failure {...failureOf(query.error)} onRetry={() => query.refetch()} />;
  }
  const deployment = query.data;
  return (
    <>
      <Section
        title={kindWords[deployment.kind]}
        note={
          <span className={css.note}>
            <Status {...deploymentStatus[deployment.status]} />
            <Took deployment={deployment} />
          </span>
        }
      >
        {deployment.error && (
          <div className={css.failure}>
            <DeploymentFailure error={deployment.error} />
          </div>
        )}
        <StepTimeline deployment={deployment} />
      </Section>
      <Section title="Log" bare>
        <DeploymentLog key={id} id={id} />
      </Section>
    </>
  );
}

function Took({ deployment }: { deployment: Deployment }) {
  const now = useNow(1000);
  const end =
    isSettled(deployment.status) && deployment.finished_at ? Date.parse(deployment.finished_at) : now;
  return <span>{duration(Math.max(end - Date.parse(deployment.created_at), 0))}</span>;
}
