import type { ListedUser } from "~/api/types";
import { useResetLink } from "~/api/users";
import { Refused } from "~/features/Refused";
import { Button } from "~/ui/Button";
import { CopyField } from "~/ui/CopyField";
import { Dialog } from "~/ui/Dialog";
import { RelativeTime } from "~/ui/RelativeTime";

/** For those who cannot get one by mail: a link to choose a password, to be handed over. */
export function ResetLinkDialog({ user, onClose }: { user: ListedUser; onClose(): void }) {
  const make = useResetLink(user.id);
  if (make.data) {
    return (
      <Dialog
        open
        onClose={onClose}
        cancel={null}
        title={`A link for ${user.username}`}
        onSubmit={onClose}
        confirm={
          <Button type="submit" look="primary">
            Done
          </Button>
        }
      >
        <p>
          It works once and ends <RelativeTime at={make.data.expires_at} />. Whoever opens it chooses the
          password.
        </p>
        <CopyField label="Link" text={make.data.reset_url} hint="It is not shown again." />
      </Dialog>
    );
  }
  return (
    <Dialog
      open
      onClose={onClose}
      title={`Make a reset link for ${user.username}?`}
      onSubmit={() => make.mutate()}
      confirm={
        <Button type="submit" look="primary" busy={make.isPending}>
          Make the link
        </Button>
      }
    >
      <p>
        You get a link to hand over, with which they choose a new password. Until they do, nothing changes.
      </p>
      <Refused title="Not made" error={make.error} />
    </Dialog>
  );
}
