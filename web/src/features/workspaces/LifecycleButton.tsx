import { ExternalLink } from "lucide-react";
import type { Workspace } from "~/api/types";
import { type LifecycleVerb, useLifecycle } from "~/api/workspaces";
import type { Who } from "~/features/policy";
import { Button } from "~/ui/Button";
import { useToast } from "~/ui/Toasts";
import { openRefusal, refusal } from "./actions";
import { verbs } from "./verbs";

interface LifecycleButtonProps {
  verb: LifecycleVerb;
  workspace: Workspace;
  who: Who;
  size?: "s" | "m";
  look?: "primary" | "plain";
}

export function LifecycleButton({ verb, workspace, who, size = "m", look = "plain" }: LifecycleButtonProps) {
  const lifecycle = useLifecycle();
  const toast = useToast();
  const { label, icon } = verbs[verb];
  return (
    <Button
      icon={icon}
      size={size}
      look={look}
      busy={lifecycle.isPending}
      refusal={refusal(verb, workspace, who)}
      aria-label={`${label} ${workspace.name}`}
      onClick={() =>
        lifecycle
          .mutateAsync({ verb, workspace })
          .catch((error: unknown) => toast.fail(`${workspace.name}: ${label.toLowerCase()} refused`, error))
      }
    >
      {label}
    </Button>
  );
}

export function OpenButton(props: { workspace: Workspace; who: Who; size?: "s" | "m" }) {
  const { workspace, who, size = "m" } = props;
  const reason = openRefusal(workspace, who);
  const label = `Open ${workspace.name} in a new tab`;
  if (reason || !workspace.url) {
    return (
      <Button icon={ExternalLink} size={size} refusal={reason} aria-label={label}>
        Open
      </Button>
    );
  }
  return (
    <Button
      icon={ExternalLink}
      size={size}
      look="primary"
      aria-label={label}
      render={<a href={workspace.url} target="_blank" rel="noreferrer" />}
    >
      Open
    </Button>
  );
}
