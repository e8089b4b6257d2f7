import { useState } from "react";
import { useInvite } from "~/api/invitations";
import type { FreshInvitation, Role } from "~/api/types";
import { MailHint } from "~/features/MailHint";
import { grantable, type Who } from "~/features/policy";
import { fieldProblem, Refused } from "~/features/Refused";
import { Button } from "~/ui/Button";
import { CopyField } from "~/ui/CopyField";
import { Dialog } from "~/ui/Dialog";
import { Field, TextField } from "~/ui/Field";
import { RelativeTime } from "~/ui/RelativeTime";
import { Select } from "~/ui/Select";
import { roleOptions } from "./roleWords";

interface InviteDialogProps {
  org: { slug: string; name: string };
  who: Who;
  onClose(): void;
}

export function InviteDialog({ org, who, onClose }: InviteDialogProps) {
  const invite = useInvite(org.slug);
  const [email, setEmail] = useState("");
  const [role, setRole] = useState<Role>("developer");
  if (invite.data) return <InvitedDialog invitation={invite.data} onDone={onClose} />;
  return (
    <Dialog
      open
      onClose={onClose}
      title={`Invite to ${org.name}`}
      onSubmit={() => invite.mutate({ email: email.trim(), role })}
      confirm={
        <Button type="submit" look="primary" busy={invite.isPending}>
          Invite
        </Button>
      }
    >
      <Refused title="Not invited" error={invite.error} fields={["email", "role"]} />
      <TextField
        label="Mail address"
        name="email"
        type="email"
        autoComplete="off"
        required
        autoFocus
        value={email}
        onValueChange={setEmail}
        problem={fieldProblem(invite.error, "email")}
      />
      <Field label="Role" problem={fieldProblem(invite.error, "role")}>
        <Select<Role> value={role} onChange={setRole} options={roleOptions(grantable(who))} />
      </Field>
      <MailHint>You get a link to hand over yourself.</MailHint>
    </Dialog>
  );
}

function InvitedDialog({ invitation, onDone }: { invitation: FreshInvitation; onDone(): void }) {
  return (
    <Dialog
      open
      onClose={onDone}
      cancel={null}
      title={`${invitation.email} is invited`}
      onSubmit={onDone}
      confirm={
        <Button type="submit" look="primary">
          Done
        </Button>
      }
    >
      <p>
        {invitation.mailed
          ? "A mail with this link is on its way. You can also hand it over yourself."
          : "Hand over this link: no mail was sent."}{" "}
        It works once, for this address only, and ends <RelativeTime at={invitation.expires_at} />.
      </p>
      {invitation.accept_url && (
        <CopyField label="Link" text={invitation.accept_url} hint="It is not shown again." />
      )}
    </Dialog>
  );
}
