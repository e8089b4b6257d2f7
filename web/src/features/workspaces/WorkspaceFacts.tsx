import type { Workspace } from "~/api/types";
import { Facts } from "~/ui/Facts";
import { bytes, cores } from "~/ui/format";
import { RelativeTime } from "~/ui/RelativeTime";

export function WorkspaceFacts({ workspace }: { workspace: Workspace }) {
  const { resources } = workspace;
  return (
    <Facts
      facts={[
        ["Owner", workspace.owner.username],
        ["Template", `${workspace.template.name} v${workspace.template.version}`],
        ["Host", workspace.host?.name],
        ["CPU", resources.cpu_millis && cores(resources.cpu_millis)],
        ["Memory", resources.memory_bytes && bytes(resources.memory_bytes)],
        ["Created", <RelativeTime key="created" at={workspace.created_at} />],
        ["Started", workspace.started_at && <RelativeTime key="started" at={workspace.started_at} />],
        ...Object.entries(workspace.parameters).map(([name, value]) => [name, spell(value)] as const),
      ]}
    />
  );
}

function spell(value: unknown): string {
  if (Array.isArray(value)) return value.join(", ");
  return typeof value === "string" ? value : JSON.stringify(value);
}
