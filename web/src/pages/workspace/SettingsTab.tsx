import { useNavigate } from "@tanstack/react-router";
import { Trash2 } from "lucide-react";
import { useState } from "react";
import { useDestroyWorkspace } from "~/api/workspaces";
import { WorkspaceVariables } from "~/features/variables/WorkspaceVariables";
import { refusal } from "~/features/workspaces/actions";
import { DestroyDialog } from "~/features/workspaces/DestroyDialog";
import { useMembership } from "~/hooks/useMembership";
import { useWorkspace } from "~/hooks/useWorkspace";
import { paths } from "~/paths";
import { ActionRow } from "~/ui/ActionRow";
import { Button } from "~/ui/Button";
import { Section } from "~/ui/Section";
import { useToast } from "~/ui/Toasts";

export function SettingsTab() {
  const workspace = useWorkspace();
  const { whoIn } = useMembership();
  const destroy = useDestroyWorkspace();
  const navigate = useNavigate();
  const toast = useToast();
  const [asking, setAsking] = useState(false);
  const who = whoIn(workspace.org_id);
  return (
    <>
      <WorkspaceVariables workspace={workspace} who={who} />
      <Section title="Danger zone" tone="danger">
        <ActionRow
          title="Destroy this workspace"
          action={
            <Button
              icon={Trash2}
              look="danger"
              refusal={refusal("destroy", workspace, who)}
              onClick={() => setAsking(true)}
            >
              Destroy
            </Button>
          }
        >
          Its containers, networks and routes go, and its volumes too unless you keep them. This cannot be
          undone.
        </ActionRow>
        {asking && (
          <DestroyDialog
            names={[workspace.name]}
            busy={destroy.isPending}
            onClose={() => setAsking(false)}
            onConfirm={(keepVolumes) =>
              destroy.mutate(
                { id: workspace.id, keepVolumes },
                {
                  onSuccess: () => {
                    toast.say(`${workspace.name} is being destroyed`);
                    void navigate(paths.home());
                  },
                  onError: (error) => toast.fail(`${workspace.name} was not destroyed`, error),
                },
              )
            }
          />
        )}
      </Section>
    </>
  );
}
