import { Outlet } from "@tanstack/react-router";
import { useMembership } from "~/hooks/useMembership";
import { paths } from "~/paths";
import { Badge } from "~/ui/Badge";
import { PageHeader } from "~/ui/PageHeader";
import { TabLinks } from "~/ui/TabLinks";
import css from "./AccountLayout.module.css";

export function AccountLayout() {
  const { me } = useMembership();
  return (
    <>
      <PageHeader
        title="Account"
        lead={
          <>
            <span>{me.username}</span>
            {me.platform_admin && <Badge tone="accent">Administrator</Badge>}
          </>
        }
      />
      <TabLinks
        label="Account"
        tabs={[
          { to: paths.account(), label: "Profile", exact: true },
          { to: paths.accountSecurity(), label: "Security" },
          { to: paths.accountSessions(), label: "Sessions" },
          { to: paths.accountTokens(), label: "API tokens" },
          { to: paths.accountVariables(), label: "Variables" },
          { to: paths.accountKeys(), label: "SSH keys" },
        ]}
      />
      <div className={css.narrow}>
        <Outlet />
      </div>
    </>
  );
}
