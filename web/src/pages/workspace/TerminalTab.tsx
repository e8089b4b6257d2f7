import { useNavigate, useSearch } from "@tanstack/react-router";
import type { Component, Workspace } from "~/api/types";
import { forbidden } from "~/features/policy";
import { TerminalPanel } from "~/features/terminal/TerminalPanel";
import { LifecycleButton } from "~/features/workspaces/LifecycleButton";
import { useMembership } from "~/hooks/useMembership";
import { useWorkspace } from "~/hooks/useWorkspace";
import { Empty } from "~/ui/Empty";
import { Select } from "~/ui/Select";
import css from "./TerminalTab.module.css";

export function TerminalTab() {
  const workspace = useWorkspace();
  const { whoIn } = useMembership();
  const { component } = useSearch({ from: "/app/workspaces/$id/terminal" });
  const navigate = useNavigate({ from: "/workspaces/$id/terminal" });
  const who = whoIn(workspace.org_id);
  const refusal = forbidden("enterWorkspace", who, workspace.owner.id);
  if (refusal) return <Empty title="No terminal for you here">{refusal}</Empty>;
  const inside = withShells(workspace);
  if (inside.length === 0) {
    const action =
      workspace.status === "stopped" ? (
        <LifecycleButton verb="start" look="primary" workspace={workspace} who={who} />
      ) : undefined;
    return (
      <Empty title="No shell to talk to" action={action}>
        A terminal opens in a component that runs.
      </Empty>
    );
  }
  const names = inside.map(({ name }) => name);
  const chosen = component && names.includes(component) ? component : placeToWork(inside);
  return (
    <>
      {names.length > 1 && (
        <div className={css.bar}>
          <Select
            label="Component"
            small
            value={chosen}
            onChange={(next) => navigate({ search: { component: next }, replace: true })}
            options={names.map((name) => ({ value: name, label: name }))}
          />
        </div>
      )}
      <TerminalPanel
        key={`${chosen} ${workspace.generation}`}
        workspaceId={workspace.id}
        component={chosen}
      />
    </>
  );
}

/** A component that runs can be looked into while others come up, and after they failed to. */
function withShells({ status, components }: Pick<Workspace, "status" | "components">): Component[] {
  if (!["running", "provisioning", "failed"].includes(status)) return [];
  return components.filter((each) => each.status === "running" || each.status === "starting");
}

/** Where the server would open it: the place to work in, or else the first. */
function placeToWork(inside: Component[]): string {
  return (inside.find(({ type }) => type === "workspace") ?? inside[0])?.name ?? "";
}
