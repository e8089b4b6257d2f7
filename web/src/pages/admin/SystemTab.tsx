import { useQuery } from "@tanstack/react-query";
import { RefreshCw } from "lucide-react";
import { authQueries } from "~/api/auth";
import { systemQueries } from "~/api/system";
import type { Host, Readiness } from "~/api/types";
import { Loaded } from "~/features/Loaded";
import { useTitle } from "~/hooks/useTitle";
import { Button } from "~/ui/Button";
import { Facts } from "~/ui/Facts";
import { bytes } from "~/ui/format";
import { Notice } from "~/ui/Notice";
import { RelativeTime } from "~/ui/RelativeTime";
import { Section } from "~/ui/Section";
import { Status } from "~/ui/Status";
import table from "~/ui/Table.module.css";
import css from "./SystemTab.module.css";

export function SystemTab() {
  useTitle("System");
  const health = useQuery(systemQueries.readiness());
  const hosts = useQuery(systemQueries.hosts());
  const { data: version } = useQuery(authQueries.version());
  return (
    <div className={css.stack}>
      <Section
        bare
        title="Health"
        note={version && `DevSanctum ${version.version}`}
        actions={
          <Button icon={RefreshCw} busy={health.isFetching} onClick={() => void health.refetch()}>
            Look again
          </Button>
        }
      >
        <Loaded query={health}>{(shown) => <Parts parts={shown.parts} />}</Loaded>
      </Section>
      <Loaded query={hosts}>
        {({ items }) => items.map((host) => <HostSection key={host.id} host={host} />)}
      </Loaded>
    </div>
  );
}

const health = {
  ok: { tone: "run", label: "Works" },
  degraded: { tone: "warn", label: "Works in part" },
  failing: { tone: "fail", label: "Does not work" },
} as const;

const healthOf = (status: string) => health[status as keyof typeof health] ?? { tone: "warn", label: status };

const names: Record<string, string> = {
  database: "Database",
  proxy: "Proxy",
  mail: "Mail",
  server: "This server",
};

/** Hosts are named `docker:<host>`. */
function nameOf(part: string): string {
  const host = part.startsWith("docker:") ? part.slice("docker:".length) : "";
  return host ? `Docker on ${host}` : (names[part] ?? part);
}

function Parts({ parts }: { parts: Readiness["parts"] }) {
  return (
    <div className={table.frame}>
      <table className={table.table} aria-label="Parts of this installation">
        <thead>
          <tr>
            <th scope="col">Part</th>
            <th scope="col">State</th>
          </tr>
        </thead>
        <tbody>
          {parts.map(({ name, status, detail }) => (
            <tr key={name}>
              <td>{nameOf(name)}</td>
              <td>
                <Status {...healthOf(status)} />
                {detail && <p className={css.detail}>{detail}</p>}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

const standing: Record<Host["status"], { tone: "run" | "move" | "fail"; label: string }> = {
  new: { tone: "move", label: "Not reached yet" },
  reachable: { tone: "run", label: "Reachable" },
  unreachable: { tone: "fail", label: "Unreachable" },
};

const count = (number: number, noun: string) => `${number} ${noun}${number === 1 ? "" : "s"}`;

function HostSection({ host }: { host: Host }) {
  const { facts, unexplained, status_reason, status_since } = host;
  const strangers = unexplained.containers + unexplained.networks + unexplained.volumes;
  return (
    <Section
      title={`Host ${host.name}`}
      note={host.cordoned && "takes no new workspaces"}
      actions={<Status {...standing[host.status]} />}
    >
      <div className={css.stack}>
        {host.status === "unreachable" && (
          <Notice tone="fail" title="This host cannot be seen">
            <p>{status_reason ?? "Its Docker does not answer"}</p>
            <p>What runs there is shown as unknown until it answers.</p>
          </Notice>
        )}
        {strangers > 0 && (
          <Notice tone="warn" title="Objects that nobody explains">
            Of this installation by their labels, and not in its database, as after a restore. They are left
            alone: {count(unexplained.containers, "container")}, {count(unexplained.networks, "network")},{" "}
            {count(unexplained.volumes, "volume")}.
          </Notice>
        )}
        <Facts
          facts={[
            ["Address", <code key="address">{host.endpoint}</code>],
            ["Since", status_since && <RelativeTime key="since" at={status_since} />],
            ["Docker", facts.engine_version && `${facts.engine_version} (API ${facts.api_version})`],
            ["System", [facts.operating_system, facts.architecture].filter(Boolean).join(", ")],
            ["Processors", facts.cpus || null],
            ["Memory", facts.memory_bytes > 0 && bytes(facts.memory_bytes)],
            ["Storage driver", facts.storage_driver],
            ["Control groups", facts.cgroup_version && `version ${facts.cgroup_version}`],
          ]}
        />
      </div>
    </Section>
  );
}
