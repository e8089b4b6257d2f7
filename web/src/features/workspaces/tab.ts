import type { Workspace } from "~/api/types";
import type { TabSign } from "~/hooks/useTabSign";
import { componentStatus, workspaceStatus } from "./status";

/** What the browser's tab says of a workspace, for whoever works in another one meanwhile. */
export function tabOf(workspace: Pick<Workspace, "name" | "status" | "components">): {
  title: string;
  sign: TabSign;
} {
  const { label, tone } = workspaceStatus[workspace.status];
  const ill =
    workspace.status === "running"
      ? workspace.components.map(componentStatus).find((each) => each.tone === "fail")
      : undefined;
  const sign = ill || tone === "fail" || tone === "warn" ? "attention" : tone;
  const mark = sign === "attention" ? "⚠ " : "";
  return { title: `${mark}${workspace.name} (${(ill ?? { label }).label.toLowerCase()})`, sign };
}
