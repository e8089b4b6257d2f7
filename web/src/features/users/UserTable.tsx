import { Ban, KeyRound, ShieldMinus, ShieldPlus, Trash2, Undo2 } from "lucide-react";
import { useState } from "react";
import type { ListedUser } from "~/api/types";
import { useChangeUser } from "~/api/users";
import { ActionMenu } from "~/ui/ActionMenu";
import { Badge } from "~/ui/Badge";
import { Person } from "~/ui/Person";
import { RelativeTime } from "~/ui/RelativeTime";
import { Status } from "~/ui/Status";
import table from "~/ui/Table.module.css";
import { useToast } from "~/ui/Toasts";
import { DeleteUserDialog } from "./DeleteUserDialog";
import { ResetLinkDialog } from "./ResetLinkDialog";
import { SuspendDialog } from "./SuspendDialog";
import { userRefusal } from "./userActions";

interface UserTableProps {
  users: readonly ListedUser[];
  /** Id of whoever looks. */
  myself: string;
}

type Question = { about: "suspend" | "delete" | "reset"; user: ListedUser };

export function UserTable({ users, myself }: UserTableProps) {
  const [question, setQuestion] = useState<Question | null>(null);
  const close = () => setQuestion(null);
  return (
    <div className={table.frame}>
      <table className={table.table}>
        <thead>
          <tr>
            <th scope="col">User</th>
            <th scope="col" className={table.wideOnly}>
              Organizations
            </th>
            <th scope="col" className={table.wideOnly}>
              Second factor
            </th>
            <th scope="col">Last seen</th>
            <th scope="col" className={table.end}>
              <span className={table.unseen}>Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {users.map((user) => (
            <tr key={user.id}>
              <td>
                <Person
                  name={user.display_name || user.username}
                  detail={user.email}
                  faded={user.suspended}
                  badges={
                    <>
                      {user.id === myself && <Badge tone="accent">You</Badge>}
                      {user.platform_admin && <Badge>Administrator</Badge>}
                      {user.suspended && <Badge tone="fail">Suspended</Badge>}
                    </>
                  }
                />
              </td>
              <td className={table.wideOnly}>{user.organizations}</td>
              <td className={table.wideOnly}>
                {user.totp_enabled ? <Status tone="run" label="On" /> : <Status tone="rest" label="Off" />}
              </td>
              <td>{user.last_seen_at ? <RelativeTime at={user.last_seen_at} /> : "Never"}</td>
              <td className={table.end}>
                <UserMenu user={user} myself={myself} onAsk={(about) => setQuestion({ about, user })} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {question?.about === "suspend" && <SuspendDialog user={question.user} onClose={close} />}
      {question?.about === "delete" && <DeleteUserDialog user={question.user} onClose={close} />}
      {question?.about === "reset" && <ResetLinkDialog user={question.user} onClose={close} />}
    </div>
  );
}

interface UserMenuProps {
  user: ListedUser;
  myself: string;
  onAsk(about: Question["about"]): void;
}

function UserMenu({ user, myself, onAsk }: UserMenuProps) {
  const change = useChangeUser(user.id);
  const toast = useToast();

  function set(facts: { platform_admin?: boolean; suspended?: boolean }, done: string) {
    change.mutate(facts, {
      onSuccess: () => toast.say(done),
      onError: (error) => toast.fail(`${user.username} was not changed`, error),
    });
  }
  return (
    <ActionMenu
      label={`Actions for ${user.username}`}
      actions={[
        {
          label: "Make a reset link",
          icon: KeyRound,
          refusal: userRefusal("resetLink", user, myself),
          onSelect: () => onAsk("reset"),
        },
        user.platform_admin
          ? {
              label: "Take administration away",
              icon: ShieldMinus,
              refusal: userRefusal("demote", user, myself),
              onSelect: () => set({ platform_admin: false }, `${user.username} is no administrator any more`),
            }
          : {
              label: "Make an administrator",
              icon: ShieldPlus,
              refusal: userRefusal("promote", user, myself),
              onSelect: () => set({ platform_admin: true }, `${user.username} is now an administrator`),
            },
        user.suspended
          ? {
              label: "Lift the suspension",
              icon: Undo2,
              onSelect: () => set({ suspended: false }, `${user.username} may sign in again`),
            }
          : {
              label: "Suspend",
              icon: Ban,
              refusal: userRefusal("suspend", user, myself),
              onSelect: () => onAsk("suspend"),
            },
        {
          label: "Delete",
          icon: Trash2,
          tone: "danger",
          refusal: userRefusal("delete", user, myself),
          onSelect: () => onAsk("delete"),
        },
      ]}
    />
  );
}
