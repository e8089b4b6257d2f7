import type { ListedUser } from "~/api/types";
import { useDeleteUser } from "~/api/users";
import { Refused } from "~/features/Refused";
import { ConfirmDialog } from "~/ui/ConfirmDialog";

export function DeleteUserDialog({ user, onClose }: { user: ListedUser; onClose(): void }) {
  const remove = useDeleteUser(user.id);
  return (
    <ConfirmDialog
      title={`Delete ${user.username}?`}
      name={user.username}
      verb="Delete user"
      busy={remove.isPending}
      onClose={onClose}
      onConfirm={() => remove.mutate(undefined, { onSuccess: onClose })}
    >
      <p>
        The account goes, with its keys, tokens, variables and memberships. What it did stays in the audit
        log. This cannot be undone: to keep somebody out for a while, suspend them.
      </p>
      <Refused title="Not deleted" error={remove.error} />
    </ConfirmDialog>
  );
}
