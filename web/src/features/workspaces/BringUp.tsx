import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Play } from "lucide-react";
import { useEffect } from "react";
import { deploymentQueries } from "~/api/deployments";
import { ApiProblem } from "~/api/problem";
import type { TicketWorkspace, Workspace } from "~/api/types";
import { useLifecycle, workspaceQueries } from "~/api/workspaces";
import css from "~/features/auth/Gate.module.css";
import { GateHeading } from "~/features/auth/GateHeading";
import { DeploymentFailure } from "~/features/deployments/DeploymentFailure";
import { StepTimeline } from "~/features/deployments/StepTimeline";
import { ConnectionBanner } from "~/features/live/ConnectionBanner";
import { useLiveUpdates } from "~/features/live/useLiveUpdates";
import { Refused } from "~/features/Refused";
import { useMembership } from "~/hooks/useMembership";
import { useTitle } from "~/hooks/useTitle";
import { paths } from "~/paths";
import { Button } from "~/ui/Button";
import { refusal } from "./actions";
import { workspaceStatus } from "./status";

interface BringUpProps {
  destination: TicketWorkspace;
  /** Goes on to where its visitor wanted. */
  onUp(): void;
}

/** Before the door of a workspace that does not run: what it is doing, a way to start it, and on when it is up. */
export function BringUp({ destination, onUp }: BringUpProps) {
  const connection = useLiveUpdates();
  const query = useQuery(workspaceQueries.one(destination.id));
  const { data: workspace, error } = query;
  const { status } = workspace ?? destination;
  useTitle(`${destination.name} ${standing[status]}`);

  useEffect(() => {
    if (workspace?.status === "running") onUp();
  }, [workspace?.status, onUp]);

  if (error instanceof ApiProblem && error.status === 404) return <NotMine {...destination} onLook={onUp} />;
  return (
    <>
      <div role="status">
        <GateHeading title={`${destination.name} ${standing[status]}`}>{outlook[status]}</GateHeading>
      </div>
      <div className={css.stack}>
        {workspace && <Within workspace={workspace} />}
        {!workspace && error && (
          <>
            <Refused title="It cannot be shown" error={error} />
            <Button className={css.submit} busy={query.isFetching} onClick={() => void query.refetch()}>
              Try again
            </Button>
          </>
        )}
      </div>
      <ConnectionBanner state={connection} />
    </>
  );
}

const standing: Record<Workspace["status"], string> = {
  pending: "is starting",
  provisioning: "is starting",
  running: "is up",
  stopping: "is stopping",
  stopped: "is stopped",
  failed: "has failed",
  destroying: "is being destroyed",
  destroyed: "was destroyed",
  unknown: "cannot be seen",
};

const goesOn = "This page goes on to where you wanted as soon as it is up.";

const outlook: Record<Workspace["status"], string> = {
  pending: goesOn,
  provisioning: goesOn,
  running: "A moment: this page goes on by itself.",
  stopping: "It may be started again at once.",
  stopped: "Its files are kept. Once it is up, this page goes on to where you wanted.",
  failed: "It did not get through its last change. Once it is up, this page goes on to where you wanted.",
  destroying: "Its address goes with it.",
  destroyed: "A new workspace from the same template gets an address of its own.",
  unknown: "The machine it runs on does not answer. It comes back by itself when the machine does.",
};

function Within({ workspace }: { workspace: Workspace }) {
  const { status, deployment } = workspace;
  const lifecycle = useLifecycle();
  const startable = status === "stopped" || status === "stopping" || status === "failed";
  return (
    <>
      {deployment && status !== "stopped" && <Progress id={deployment.id} />}
      <Refused title="Not started" error={lifecycle.error} />
      {startable && (
        <StartAndOpen workspace={workspace} onStart={() => lifecycle.mutate({ verb: "start", workspace })} />
      )}
      <Button className={css.submit} render={<Link {...paths.workspace(workspace.id)} />}>
        Show its page
      </Button>
    </>
  );
}

/** What the attempt has got to, or why it ended. */
function Progress({ id }: { id: string }) {
  const { data: deployment } = useQuery(deploymentQueries.one(id));
  if (!deployment) return null;
  if (deployment.error) return <DeploymentFailure error={deployment.error} />;
  return <StepTimeline deployment={deployment} />;
}

function StartAndOpen({ workspace, onStart }: { workspace: Workspace; onStart(): void }) {
  const { whoIn } = useMembership();
  const refused = refusal("start", workspace, whoIn(workspace.org_id));
  return (
    <>
      <Button look="primary" icon={Play} className={css.submit} refusal={refused} onClick={onStart}>
        Start and open
      </Button>
      {refused && (
        <p className={css.note}>
          {refused} It belongs to <strong>{workspace.owner.username}</strong>: ask them to start it, and leave
          this page open.
        </p>
      )}
    </>
  );
}

/** It may be opened by more people than may look at it here. */
function NotMine({ name, status, onLook }: TicketWorkspace & { onLook(): void }) {
  const word = workspaceStatus[status].label.toLowerCase();
  return (
    <>
      <GateHeading title={`${name} does not run`}>
        It is {word}. Only people of its organization can start it: ask whoever gave you this address.
      </GateHeading>
      <div className={css.pair}>
        <Button className={css.submit} onClick={onLook}>
          Wait for it there
        </Button>
        <Button look="primary" className={css.submit} render={<Link {...paths.home()} />}>
          My workspaces
        </Button>
      </div>
    </>
  );
}
