import { failureOf } from "~/features/failure";
import { ComponentCharts } from "~/features/workspaces/ComponentCharts";
import { useStats } from "~/hooks/useStats";
import { useWorkspace } from "~/hooks/useWorkspace";
import { Empty } from "~/ui/Empty";
import { Failure } from "~/ui/Failure";
import { Section } from "~/ui/Section";

export function MetricsTab() {
  const workspace = useWorkspace();
  if (workspace.status !== "running") {
    return <Empty title="Nothing to measure">Charts appear while the workspace runs.</Empty>;
  }
  return <LiveCharts workspaceId={workspace.id} names={workspace.components.map(({ name }) => name)} />;
}

function LiveCharts({ workspaceId, names }: { workspaceId: string; names: string[] }) {
  const stats = useStats(workspaceId);
  if (stats.error) return <Failure {...failureOf(stats.error)} />;
  return names.map((name) => (
    <Section key={name} title={name}>
      <ComponentCharts samples={stats.series.get(name) ?? []} />
    </Section>
  ));
}
