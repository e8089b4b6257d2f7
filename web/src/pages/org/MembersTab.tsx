import { useQuery } from "@tanstack/react-query";
import { UserPlus } from "lucide-react";
import { useState } from "react";
import { orgQueries } from "~/api/orgs";
import { Loaded } from "~/features/Loaded";
import { InvitationList } from "~/features/orgs/InvitationList";
import { InviteDialog } from "~/features/orgs/InviteDialog";
import { MemberTable } from "~/features/orgs/MemberTable";
import { forbidden } from "~/features/policy";
import { useOrg } from "~/hooks/useOrg";
import { useTitle } from "~/hooks/useTitle";
import { Button } from "~/ui/Button";
import { Section } from "~/ui/Section";

export function MembersTab() {
  const { org, who } = useOrg();
  useTitle(`Members of ${org.name}`);
  const members = useQuery(orgQueries.members(org.slug));
  const [inviting, setInviting] = useState(false);
  const refusal = forbidden("invite", who);
  return (
    <>
      <Section
        title="Members"
        bare
        actions={
          <Button icon={UserPlus} size="s" look="primary" refusal={refusal} onClick={() => setInviting(true)}>
            Invite
          </Button>
        }
      >
        <Loaded query={members}>{({ items }) => <MemberTable org={org} members={items} who={who} />}</Loaded>
      </Section>
      {!refusal && <InvitationList org={org.slug} who={who} />}
      {inviting && <InviteDialog org={org} who={who} onClose={() => setInviting(false)} />}
    </>
  );
}
