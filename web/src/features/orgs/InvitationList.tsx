import { useQuery } from "@tanstack/react-query";
import { MailPlus } from "lucide-react";
import { useState } from "react";
import { useRevokeInvitation } from "~/api/invitations";
import { orgQueries } from "~/api/orgs";
import type { Invitation } from "~/api/types";
import { Loaded } from "~/features/Loaded";
import { forbiddenMembership, type Who } from "~/features/policy";
import { Refused } from "~/features/Refused";
import { Badge } from "~/ui/Badge";
import { Button } from "~/ui/Button";
import { ConfirmDialog } from "~/ui/ConfirmDialog";
import { Item, ItemList } from "~/ui/ItemList";
import { RelativeTime } from "~/ui/RelativeTime";
import { Section } from "~/ui/Section";
import css from "./InvitationList.module.css";
import { roleWords } from "./roleWords";

/** Those who were asked and have not come yet. */
export function InvitationList({ org, who }: { org: string; who: Who }) {
  const query = useQuery(orgQueries.invitations(org));
  const [revoking, setRevoking] = useState<Invitation | null>(null);
  return (
    <Section title="Invitations" note="Asked, and not here yet" bare>
      <Loaded query={query}>
        {({ items }) =>
          items.length === 0 ? (
            <p className={css.none}>No invitation is open.</p>
          ) : (
            <ItemList label="Invitations">
              {items.map((invitation) => (
                <Item
                  key={invitation.id}
                  icon={MailPlus}
                  title={invitation.email}
                  badges={<Badge>{roleWords[invitation.role].label}</Badge>}
                  facts={[
                    <>
                      ends <RelativeTime at={invitation.expires_at} />
                    </>,
                    invitation.invited_by && `invited by ${invitation.invited_by.username}`,
                  ]}
                  action={
                    <Button
                      size="s"
                      aria-label={`Revoke the invitation of ${invitation.email}`}
                      refusal={forbiddenMembership("invite", who, invitation.role)}
                      onClick={() => setRevoking(invitation)}
                    >
                      Revoke
                    </Button>
                  }
                />
              ))}
            </ItemList>
          )
        }
      </Loaded>
      {revoking && <RevokeDialog org={org} invitation={revoking} onClose={() => setRevoking(null)} />}
    </Section>
  );
}

interface RevokeDialogProps {
  org: string;
  invitation: Invitation;
  onClose(): void;
}

function RevokeDialog({ org, invitation, onClose }: RevokeDialogProps) {
  const revoke = useRevokeInvitation(org);
  return (
    <ConfirmDialog
      title={`Revoke the invitation of ${invitation.email}?`}
      verb="Revoke"
      busy={revoke.isPending}
      onClose={onClose}
      onConfirm={() => revoke.mutate(invitation.id, { onSuccess: onClose })}
    >
      <p>Its link stops working.</p>
      <Refused title="Not revoked" error={revoke.error} />
    </ConfirmDialog>
  );
}
