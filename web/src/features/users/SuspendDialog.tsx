import type { ListedUser } from "~/api/types";
import { useChangeUser } from "~/api/users";
import { Refused } from "~/features/Refused";
import { ConfirmDialog } from "~/ui/ConfirmDialog";

export function SuspendDialog({ user, onClose }: { user: ListedUser; onClose(): void }) {
  const change = useChangeUser(user.id);
  return (
    <ConfirmDialog
      title={`Suspend ${user.username}?`}
      verb="Suspend"
      busy={change.isPending}
      onClose={onClose}
      onConfirm={() => change.mutate({ suspended: true }, { onSuccess: onClose })}
    >
      <p>
        They are signed out everywhere within seconds, and their tokens stop working. Workspaces go on
        running, and everything is as it was when you lift it.
      </p>
      <Refused title="Not suspended" error={change.error} />
    </ConfirmDialog>
  );
}
