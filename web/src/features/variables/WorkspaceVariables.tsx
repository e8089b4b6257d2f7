import { RefreshCw } from "lucide-react";
import { useState } from "react";
import type { Workspace } from "~/api/types";
import { useRenewWorkspace } from "~/api/workspaces";
import { forbidden, type Who } from "~/features/policy";
import { Refused } from "~/features/Refused";
import { refusal } from "~/features/workspaces/actions";
import { Button } from "~/ui/Button";
import { Dialog } from "~/ui/Dialog";
import { Section } from "~/ui/Section";
import { VariableSection } from "./VariableSection";

interface WorkspaceVariablesProps {
  workspace: Workspace;
  who: Who;
}

/** Those of one workspace, which win over all others, and the way to put them into its containers. */
export function WorkspaceVariables({ workspace, who }: WorkspaceVariablesProps) {
  const [renewing, setRenewing] = useState(false);
  const unseen = forbidden("readWorkspaceVariables", who, workspace.owner.id);
  if (unseen) return <Section title="Variables">{unseen}</Section>;
  return (
    <>
      <VariableSection
        scope={{ kind: "workspace", id: workspace.id }}
        note="In every component, over all others"
        refusal={forbidden("operateWorkspace", who, workspace.owner.id)}
        action={
          <Button
            icon={RefreshCw}
            size="s"
            refusal={refusal("renew", workspace, who)}
            onClick={() => setRenewing(true)}
          >
            Update workspace
          </Button>
        }
      >
        What only this workspace shall know. Those of its owner, its template and its organization reach it
        too.
      </VariableSection>
      {renewing && <RenewDialog workspace={workspace} onClose={() => setRenewing(false)} />}
    </>
  );
}

function RenewDialog({ workspace, onClose }: { workspace: Workspace; onClose(): void }) {
  const renew = useRenewWorkspace(workspace);
  return (
    <Dialog
      open
      onClose={onClose}
      title={`Update ${workspace.name}?`}
      onSubmit={() => renew.mutate(undefined, { onSuccess: onClose })}
      confirm={
        <Button type="submit" look="primary" busy={renew.isPending}>
          Update
        </Button>
      }
    >
      <p>
        Its containers are made anew with the variables of today. Volumes stay; what was written elsewhere in
        a container goes.
      </p>
      <Refused title="Not updated" error={renew.error} />
    </Dialog>
  );
}
