import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { orgQueries, useDeleteOrg } from "~/api/orgs";
import { Refused } from "~/features/Refused";
import { Checkbox } from "~/ui/Checkbox";
import { ConfirmDialog } from "~/ui/ConfirmDialog";

interface DeleteOrgDialogProps {
  org: { slug: string; name: string };
  onClose(): void;
  onDeleted(): void;
}

export function DeleteOrgDialog({ org, onClose, onDeleted }: DeleteOrgDialogProps) {
  const usage = useQuery(orgQueries.usage(org.slug));
  const remove = useDeleteOrg(org.slug);
  const [everything, setEverything] = useState(false);
  const workspaces = usage.data?.workspaces.used ?? 0;
  const counted = workspaces === 1 ? "its workspace" : `its ${workspaces} workspaces`;
  return (
    <ConfirmDialog
      title={`Delete ${org.name}?`}
      name={org.slug}
      verb={everything ? "Delete with everything" : "Delete organization"}
      busy={remove.isPending}
      refusal={workspaces > 0 && !everything ? `Say first that ${counted} may go.` : undefined}
      onClose={onClose}
      onConfirm={() => remove.mutate(everything, { onSuccess: onDeleted })}
    >
      <p>Its templates, variables, invitations and memberships go; accounts stay. This cannot be undone.</p>
      <Refused title="Not deleted" error={remove.error} />
      {workspaces > 0 && (
        <Checkbox checked={everything} onChange={setEverything}>
          Destroy {counted} too, with all data in {workspaces === 1 ? "it" : "them"}
        </Checkbox>
      )}
    </ConfirmDialog>
  );
}
