import type { Workspace } from "~/api/types";
import type { Who } from "~/features/policy";
import { nextAction } from "./actions";
import { LifecycleButton, OpenButton } from "./LifecycleButton";

/** The one button a person most likely wants for this workspace now. */
export function NextStep({ workspace, who }: { workspace: Workspace; who: Who }) {
  const action = nextAction(workspace.status);
  if (action === undefined || action === "destroy") return null;
  if (action === "open") return <OpenButton workspace={workspace} who={who} size="s" />;
  return <LifecycleButton verb={action} workspace={workspace} who={who} size="s" />;
}
