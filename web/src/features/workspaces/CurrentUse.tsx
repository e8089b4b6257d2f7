import { total } from "~/hooks/statistics";
import { useStats } from "~/hooks/useStats";
import { Section } from "~/ui/Section";
import { ComponentCharts } from "./ComponentCharts";

/** What the whole workspace uses, live. Without it the page is still whole, so a refusal stays silent here. */
export function CurrentUse({ workspaceId }: { workspaceId: string }) {
  const { series } = useStats(workspaceId);
  return (
    <Section title="Right now" note="All components together">
      <ComponentCharts samples={total(series)} />
    </Section>
  );
}
