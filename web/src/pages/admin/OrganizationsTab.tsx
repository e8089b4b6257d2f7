import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Plus } from "lucide-react";
import { orgQueries } from "~/api/orgs";
import type { Org } from "~/api/types";
import { Loaded } from "~/features/Loaded";
import { roleWords } from "~/features/orgs/roleWords";
import { useTitle } from "~/hooks/useTitle";
import { paths } from "~/paths";
import { Button } from "~/ui/Button";
import { RelativeTime } from "~/ui/RelativeTime";
import table from "~/ui/Table.module.css";
import css from "./AdminTabs.module.css";

export function OrganizationsTab() {
  useTitle("Organizations");
  const list = useInfiniteQuery(orgQueries.list());
  const orgs = list.data?.pages.flatMap(({ items }) => items);
  return (
    <>
      <div className={css.bar}>
        <p>
          {orgs &&
            (orgs.length === 1
              ? "1 organization"
              : `${orgs.length}${list.hasNextPage ? "+" : ""} organizations`)}
        </p>
        <Button icon={Plus} render={<Link {...paths.newOrg()} />}>
          New organization
        </Button>
      </div>
      <Loaded query={{ ...list, data: orgs }}>{(shown) => <OrgTable orgs={shown} />}</Loaded>
      {list.hasNextPage && (
        <div className={css.more}>
          <Button busy={list.isFetchingNextPage} onClick={() => list.fetchNextPage()}>
            Show more
          </Button>
        </div>
      )}
    </>
  );
}

function OrgTable({ orgs }: { orgs: readonly Org[] }) {
  return (
    <div className={table.frame}>
      <table className={table.table}>
        <thead>
          <tr>
            <th scope="col">Organization</th>
            <th scope="col">Members</th>
            <th scope="col" className={table.wideOnly}>
              Your role
            </th>
            <th scope="col" className={table.wideOnly}>
              Since
            </th>
          </tr>
        </thead>
        <tbody>
          {orgs.map((org) => (
            <tr key={org.id}>
              <td>
                <Link {...paths.org(org.slug)} className={css.link}>
                  {org.name}
                </Link>{" "}
                <code className={css.slug}>{org.slug}</code>
              </td>
              <td>{org.members}</td>
              <td className={table.wideOnly}>{org.role ? roleWords[org.role].label : "None"}</td>
              <td className={table.wideOnly}>
                <RelativeTime at={org.created_at} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
