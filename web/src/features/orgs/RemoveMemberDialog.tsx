import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useRemoveMember } from "~/api/orgs";
import type { Member } from "~/api/types";
import { Refused } from "~/features/Refused";
import { paths } from "~/paths";
import { ConfirmDialog } from "~/ui/ConfirmDialog";
import { Field } from "~/ui/Field";
import { Select } from "~/ui/Select";
import { useToast } from "~/ui/Toasts";
import { heirs } from "./memberActions";

interface RemoveMemberDialogProps {
  org: { slug: string; name: string };
  leaving: Member;
  members: readonly Member[];
  /** The person leaves, rather than removing somebody. */
  self: boolean;
  onClose(): void;
}

/** Whoever goes leaves their workspaces to somebody who stays. */
export function RemoveMemberDialog({ org, leaving, members, self, onClose }: RemoveMemberDialogProps) {
  const remove = useRemoveMember(org.slug);
  const toast = useToast();
  const navigate = useNavigate();
  const { id, username } = leaving.user;
  const candidates = leaving.workspaces > 0 ? heirs(leaving, members) : [];
  const [heir, setHeir] = useState(candidates[0]?.user.id);
  const orphans = leaving.workspaces > 0 && !heir;

  function confirm() {
    remove.mutate(
      { userId: id, transferTo: heir },
      {
        onSuccess() {
          toast.say(self ? `You have left ${org.name}` : `${username} is no member any more`);
          onClose();
          if (self) void navigate(paths.home());
        },
      },
    );
  }
  return (
    <ConfirmDialog
      title={self ? `Leave ${org.name}?` : `Remove ${username} from ${org.name}?`}
      verb={self ? "Leave" : "Remove"}
      busy={remove.isPending}
      refusal={orphans ? "Nobody is left who could take over the workspaces: destroy them first." : undefined}
      onClose={onClose}
      onConfirm={confirm}
    >
      <p>
        {self
          ? "You lose sight of its workspaces and templates at once."
          : "They lose sight of its workspaces and templates at once, also where they look at them now."}
      </p>
      <Refused title={self ? "You are still in it" : "Not removed"} error={remove.error} />
      {heir && (
        <Field
          label={`Who takes over ${leaving.workspaces === 1 ? "the workspace" : `the ${leaving.workspaces} workspaces`}`}
          hint="They go on running."
        >
          <Select
            value={heir}
            onChange={setHeir}
            options={candidates.map(({ user }) => ({
              value: user.id,
              label: user.display_name || user.username,
              hint: user.email,
            }))}
          />
        </Field>
      )}
    </ConfirmDialog>
  );
}
