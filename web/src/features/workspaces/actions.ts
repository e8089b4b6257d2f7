import type { Workspace, WorkspaceStatus } from "~/api/types";
import { forbidden, type Who } from "~/features/policy";

/**
 * Which action makes sense when: a mirror of `State::request` in src/domain/workspace/state.rs, narrowed to what
 * changes something. The server decides; this lets a button say beforehand why not.
 */
export type WorkspaceAction =
  | "open"
  | "start"
  | "stop"
  | "restart"
  | "renew"
  | "retry"
  | "cancel"
  | "destroy";

const allowedWhen: Record<WorkspaceAction, readonly WorkspaceStatus[]> = {
  open: ["running"],
  start: ["stopped", "stopping", "failed"],
  stop: ["pending", "provisioning", "running", "failed", "unknown"],
  restart: ["running", "failed"],
  renew: ["pending", "provisioning", "running", "stopping", "stopped", "failed", "unknown"],
  retry: ["failed"],
  cancel: ["pending", "provisioning", "stopping", "destroying"],
  destroy: ["pending", "provisioning", "running", "stopping", "stopped", "failed", "unknown"],
};

const because: Record<WorkspaceStatus, string> = {
  pending: "It is about to be provisioned.",
  provisioning: "It is being provisioned.",
  running: "It is running.",
  stopping: "It is stopping.",
  stopped: "It is stopped.",
  failed: "Its last deployment failed.",
  destroying: "It is being destroyed.",
  destroyed: "It was destroyed.",
  unknown: "Its host cannot be reached.",
};

/** Why the action is refused now, or undefined when it is allowed. */
export function refusal(
  action: WorkspaceAction,
  workspace: Pick<Workspace, "status" | "owner">,
  who: Who,
): string | undefined {
  if (!allowedWhen[action].includes(workspace.status)) return because[workspace.status];
  if (action === "open") return undefined;
  const right = action === "destroy" ? "destroyWorkspace" : "operateWorkspace";
  return forbidden(right, who, workspace.owner.id);
}

/** The same for opening it in the browser, which takes an address too. */
export function openRefusal(
  workspace: Pick<Workspace, "status" | "owner" | "url">,
  who: Who,
): string | undefined {
  return workspace.url ? refusal("open", workspace, who) : "It has no route to open.";
}

/** The action a person most likely wants next. */
export function nextAction(status: WorkspaceStatus): Exclude<WorkspaceAction, "renew"> | undefined {
  const next: Partial<Record<WorkspaceStatus, Exclude<WorkspaceAction, "renew">>> = {
    running: "open",
    stopped: "start",
    failed: "retry",
    pending: "cancel",
    provisioning: "cancel",
    stopping: "cancel",
  };
  return next[status];
}
