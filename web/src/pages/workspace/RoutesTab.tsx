import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { Route, Workspace } from "~/api/types";
import { useChangeRoute, workspaceQueries } from "~/api/workspaces";
import { failureOf } from "~/features/failure";
import { forbidden } from "~/features/policy";
import { DomainsDialog } from "~/features/workspaces/DomainsDialog";
import { domainsOf } from "~/features/workspaces/domains";
import { visibilityOptions } from "~/features/workspaces/visibility";
import { useMembership } from "~/hooks/useMembership";
import { useWorkspace } from "~/hooks/useWorkspace";
import { Button } from "~/ui/Button";
import { CopyButton } from "~/ui/CopyButton";
import { Empty } from "~/ui/Empty";
import { Failure } from "~/ui/Failure";
import { Notice } from "~/ui/Notice";
import { Section } from "~/ui/Section";
import { Select } from "~/ui/Select";
import { Skeleton } from "~/ui/Skeleton";
import { Status } from "~/ui/Status";
import { Switch } from "~/ui/Switch";
import table from "~/ui/Table.module.css";
import { useToast } from "~/ui/Toasts";
import css from "./RoutesTab.module.css";

const routeStatus = {
  live: { label: "Live", tone: "run" },
  pending: { label: "Pending", tone: "move" },
  withdrawn: { label: "Withdrawn", tone: "rest" },
} as const;

export function RoutesTab() {
  const workspace = useWorkspace();
  return (
    <>
      <Section title="Routes" note="Host names that lead into this workspace" bare>
        {workspace.routes.length === 0 ? (
          <Empty title="No routes">None of its components has a port that is published.</Empty>
        ) : (
          <>
            <Problems routes={workspace.routes} />
            <RouteTable workspace={workspace} />
            <p className={css.help}>
              A component that is told who visits gets a signed <code>X-DevSanctum-Identity</code> with each
              request of somebody who is signed in. It has to verify it, by the keys at{" "}
              <a href="/.well-known/jwks.json" target="_blank" rel="noreferrer">
                /.well-known/jwks.json
              </a>
              .
            </p>
          </>
        )}
      </Section>
      <Section title="Listening ports" note="What processes inside listen on" bare>
        <Ports workspace={workspace} />
      </Section>
    </>
  );
}

/** What the proxy in front says is wrong with some of them. */
function Problems({ routes }: { routes: Route[] }) {
  const refused = routes.filter((route) => route.problem);
  if (refused.length === 0) return null;
  return (
    <div className={css.problems}>
      {refused.map((route) => (
        <Notice
          key={route.id}
          tone="warn"
          title={`The proxy in front does not serve ${route.host} as it should`}
        >
          <p>
            It says: {route.problem}. An administrator has to mend it; until then this server answers where it
            can.
          </p>
        </Notice>
      ))}
    </div>
  );
}

function RouteTable({ workspace }: { workspace: Workspace }) {
  const { whoIn } = useMembership();
  const refused = forbidden("operateWorkspace", whoIn(workspace.org_id), workspace.owner.id);
  const [named, setNamed] = useState<string | null>(null);
  const route = workspace.routes.find((each) => each.id === named);
  return (
    <div className={table.frame}>
      <table className={table.table}>
        <thead>
          <tr>
            <th scope="col">Address</th>
            <th scope="col" className={table.wideOnly}>
              Leads to
            </th>
            <th scope="col" className={table.wideOnly}>
              State
            </th>
            <th scope="col">Who may open it</th>
          </tr>
        </thead>
        <tbody>
          {workspace.routes.map((route) => (
            <tr key={route.id}>
              <td>
                <span className={css.address}>
                  <a href={route.url} target="_blank" rel="noreferrer" className={css.host}>
                    {route.host}
                  </a>
                  <CopyButton text={route.url} label={`Copy ${route.url}`} />
                </span>
                <Button
                  size="s"
                  look="quiet"
                  className={css.domains}
                  aria-label={`${domainsOf(route)} of ${route.host}`}
                  onClick={() => setNamed(route.id)}
                >
                  {domainsOf(route)}
                </Button>
              </td>
              <td className={table.wideOnly}>
                <code>
                  {route.component}:{route.port}
                </code>
              </td>
              <td className={table.wideOnly}>
                <Status {...routeStatus[route.status]} />
              </td>
              <td>
                <div className={css.access}>
                  <VisibilitySelect workspaceId={workspace.id} route={route} disabled={Boolean(refused)} />
                  <IdentitySwitch workspaceId={workspace.id} route={route} disabled={Boolean(refused)} />
                </div>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {route && (
        <DomainsDialog
          workspaceId={workspace.id}
          route={route}
          refusal={refused}
          onClose={() => setNamed(null)}
        />
      )}
    </div>
  );
}

interface RouteControlProps {
  workspaceId: string;
  route: Route;
  disabled: boolean;
}

function VisibilitySelect({ workspaceId, route, disabled }: RouteControlProps) {
  const change = useChangeRoute(workspaceId);
  const toast = useToast();
  return (
    <Select
      small
      label={`Who may open ${route.host}`}
      disabled={disabled || change.isPending}
      value={(change.isPending && change.variables.visibility) || route.visibility}
      options={visibilityOptions}
      onChange={(visibility) =>
        change.mutate(
          { rid: route.id, visibility },
          { onError: (error) => toast.fail("Visibility not changed", error) },
        )
      }
    />
  );
}

function IdentitySwitch({ workspaceId, route, disabled }: RouteControlProps) {
  const change = useChangeRoute(workspaceId);
  const toast = useToast();
  return (
    <span className={css.identity}>
      <Switch
        label={`Tell the component at ${route.host} who visits`}
        disabled={disabled || change.isPending}
        checked={change.isPending ? (change.variables.identity ?? route.identity) : route.identity}
        onChange={(identity) =>
          change.mutate({ rid: route.id, identity }, { onError: (error) => toast.fail("Not changed", error) })
        }
      />
      <span aria-hidden>Tell the component who visits</span>
    </span>
  );
}

function Ports({ workspace }: { workspace: Workspace }) {
  const running = workspace.status === "running";
  const query = useQuery({ ...workspaceQueries.ports(workspace.id), enabled: running });
  if (!running) return <p className={css.quiet}>Known while the workspace runs.</p>;
  if (query.isPending) return <Skeleton shape="box" />;
  if (!query.data) return <Failure {...failureOf(query.error)} onRetry={() => query.refetch()} />;
  if (query.data.items.length === 0) return <p className={css.quiet}>No process listens on a port.</p>;
  return (
    <ul className={css.ports}>
      {query.data.items.map((port) => (
        <li key={`${port.component}:${port.port}`} className={css.port}>
          <code>
            {port.component}:{port.port}
          </code>
          {port.loopback && <span className={css.process}>inside only</span>}
        </li>
      ))}
    </ul>
  );
}
