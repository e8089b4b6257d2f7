import { useQuery } from "@tanstack/react-query";
import { Outlet, useParams } from "@tanstack/react-router";
import { useEffect } from "react";
import { orgQueries } from "~/api/orgs";
import { Loaded } from "~/features/Loaded";
import { roleWords } from "~/features/orgs/roleWords";
import { forbidden } from "~/features/policy";
import { useChosenOrg } from "~/hooks/useChosenOrg";
import { useMembership } from "~/hooks/useMembership";
import { paths } from "~/paths";
import { Badge } from "~/ui/Badge";
import { PageHeader } from "~/ui/PageHeader";
import { Skeleton } from "~/ui/Skeleton";
import { TabLinks } from "~/ui/TabLinks";

export function OrgLayout() {
  const { org: slug } = useParams({ from: "/app/organizations/$org" });
  const query = useQuery(orgQueries.one(slug));
  const { me, whoIn } = useMembership();
  const [, choose] = useChosenOrg();
  const mine = me.organizations.some((org) => org.slug === slug);
  // Whoever looks at an organization of theirs has chosen it, also by a link.
  useEffect(() => {
    if (mine) choose(slug);
  }, [mine, slug, choose]);
  return (
    <Loaded query={query} page waiting={<OrgSkeleton />}>
      {(org) => {
        const who = whoIn(org.id);
        const may = (right: Parameters<typeof forbidden>[0]) => !forbidden(right, who);
        return (
          <>
            <PageHeader
              title={org.name}
              lead={
                <>
                  <code>{org.slug}</code>
                  <span>{org.members === 1 ? "1 member" : `${org.members} members`}</span>
                  {who.role ? (
                    <Badge tone="accent">{roleWords[who.role].label}</Badge>
                  ) : (
                    <Badge>You are no member</Badge>
                  )}
                </>
              }
            />
            <TabLinks
              label="Organization"
              tabs={[
                { to: paths.org(slug), label: "Members", exact: true },
                { to: paths.orgUsage(slug), label: "Usage" },
                ...(may("readOrgVariables") ? [{ to: paths.orgVariables(slug), label: "Variables" }] : []),
                ...(may("readAudit") ? [{ to: paths.orgAudit(slug), label: "Audit log" }] : []),
                { to: paths.orgSettings(slug), label: "Settings" },
              ]}
            />
            <Outlet />
          </>
        );
      }}
    </Loaded>
  );
}

function OrgSkeleton() {
  return (
    <>
      <PageHeader title={<Skeleton shape="title" />} lead={<Skeleton />} />
      <Skeleton shape="box" />
    </>
  );
}
