import { LogOut, UserMinus } from "lucide-react";
import { useState } from "react";
import { useChangeRole } from "~/api/orgs";
import type { Member, Role } from "~/api/types";
import type { Who } from "~/features/policy";
import { ActionMenu } from "~/ui/ActionMenu";
import { Badge } from "~/ui/Badge";
import { Person } from "~/ui/Person";
import { RelativeTime } from "~/ui/RelativeTime";
import { Select } from "~/ui/Select";
import table from "~/ui/Table.module.css";
import { useToast } from "~/ui/Toasts";
import css from "./MemberTable.module.css";
import { removalRefusal, roleChoices } from "./memberActions";
import { RemoveMemberDialog } from "./RemoveMemberDialog";
import { roleOptions, roleWords } from "./roleWords";

interface MemberTableProps {
  org: { slug: string; name: string };
  members: readonly Member[];
  who: Who;
}

export function MemberTable({ org, members, who }: MemberTableProps) {
  const [leaving, setLeaving] = useState<Member | null>(null);
  return (
    <div className={table.frame}>
      <table className={table.table}>
        <thead>
          <tr>
            <th scope="col">Member</th>
            <th scope="col">Role</th>
            <th scope="col" className={table.wideOnly}>
              Workspaces
            </th>
            <th scope="col" className={table.wideOnly}>
              Joined
            </th>
            <th scope="col" className={table.end}>
              <span className={table.unseen}>Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {members.map((member) => {
            const self = member.user.id === who.userId;
            return (
              <tr key={member.user.id}>
                <td>
                  <Person
                    name={member.user.display_name || member.user.username}
                    detail={member.user.email}
                    badges={self && <Badge tone="accent">You</Badge>}
                  />
                </td>
                <td>
                  <RoleSelect org={org.slug} member={member} members={members} who={who} />
                </td>
                <td className={table.wideOnly}>{member.workspaces}</td>
                <td className={table.wideOnly}>
                  <RelativeTime at={member.joined_at} />
                </td>
                <td className={table.end}>
                  <ActionMenu
                    label={`Actions for ${member.user.username}`}
                    actions={[
                      {
                        label: self ? "Leave the organization" : "Remove from the organization",
                        icon: self ? LogOut : UserMinus,
                        tone: "danger",
                        refusal: removalRefusal(member, members, who),
                        onSelect: () => setLeaving(member),
                      },
                    ]}
                  />
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
      {leaving && (
        <RemoveMemberDialog
          org={org}
          leaving={leaving}
          members={members}
          self={leaving.user.id === who.userId}
          onClose={() => setLeaving(null)}
        />
      )}
    </div>
  );
}

interface RoleSelectProps {
  org: string;
  member: Member;
  members: readonly Member[];
  who: Who;
}

function RoleSelect({ org, member, members, who }: RoleSelectProps) {
  const change = useChangeRole(org);
  const toast = useToast();
  const { roles, refusal } = roleChoices(member, members, who);
  if (refusal) {
    return (
      <span className={css.role} title={refusal}>
        {roleWords[member.role].label}
      </span>
    );
  }
  return (
    <span className={css.select}>
      <Select<Role>
        small
        label={`Role of ${member.user.username}`}
        disabled={change.isPending}
        value={change.isPending ? change.variables.role : member.role}
        options={roleOptions(roles)}
        onChange={(role) =>
          change.mutate(
            { userId: member.user.id, role },
            {
              onSuccess: () => toast.say(`${member.user.username} is now ${role}`),
              onError: (error) => toast.fail("Role not changed", error),
            },
          )
        }
      />
    </span>
  );
}
