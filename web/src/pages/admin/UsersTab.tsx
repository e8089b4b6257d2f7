import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { UserPlus } from "lucide-react";
import { useDeferredValue, useState } from "react";
import { userQueries } from "~/api/users";
import { Loaded } from "~/features/Loaded";
import { CreateUserDialog } from "~/features/users/CreateUserDialog";
import { UserTable } from "~/features/users/UserTable";
import { useMembership } from "~/hooks/useMembership";
import { useTitle } from "~/hooks/useTitle";
import { paths } from "~/paths";
import { Button } from "~/ui/Button";
import { Empty } from "~/ui/Empty";
import { SearchBox } from "~/ui/SearchBox";
import css from "./AdminTabs.module.css";

export function UsersTab() {
  useTitle("Users");
  const { q = "" } = useSearch({ from: "/app/admin/" });
  const navigate = useNavigate();
  const { me } = useMembership();
  const list = useInfiniteQuery({
    ...userQueries.list(useDeferredValue(q.trim())),
    placeholderData: keepPreviousData,
  });
  const [creating, setCreating] = useState(false);
  return (
    <>
      <div className={css.bar}>
        <SearchBox
          label="Search users"
          value={q}
          onChange={(text) => navigate({ ...paths.admin(), search: text ? { q: text } : {}, replace: true })}
        />
        <Button look="primary" icon={UserPlus} onClick={() => setCreating(true)}>
          New user
        </Button>
      </div>
      <Loaded query={{ ...list, data: list.data?.pages.flatMap(({ items }) => items) }}>
        {(users) =>
          users.length === 0 ? (
            <Empty title="Nobody matches">Search by a part of the username or of the mail address.</Empty>
          ) : (
            <UserTable users={users} myself={me.id} />
          )
        }
      </Loaded>
      {list.hasNextPage && (
        <div className={css.more}>
          <Button busy={list.isFetchingNextPage} onClick={() => list.fetchNextPage()}>
            Show more
          </Button>
        </div>
      )}
      {creating && <CreateUserDialog onClose={() => setCreating(false)} />}
    </>
  );
}
