import { Outlet } from "@tanstack/react-router";
import { useMembership } from "~/hooks/useMembership";
import { paths } from "~/paths";
import { Empty } from "~/ui/Empty";
import { PageHeader } from "~/ui/PageHeader";
import { TabLinks } from "~/ui/TabLinks";

export function AdminLayout() {
  const { me } = useMembership();
  if (!me.platform_admin) {
    return (
      <Empty page title="For administrators only">
        This is where administrators of the platform look after everybody. You are not one of them.
      </Empty>
    );
  }
  return (
    <>
      <PageHeader title="Administration" lead={<p>What stands above organizations.</p>} />
      <TabLinks
        label="Administration"
        tabs={[
          { to: paths.admin(), label: "Users", exact: true },
          { to: paths.adminOrgs(), label: "Organizations" },
          { to: paths.adminSystem(), label: "System" },
          { to: paths.adminAudit(), label: "Audit log" },
        ]}
      />
      <Outlet />
    </>
  );
}
