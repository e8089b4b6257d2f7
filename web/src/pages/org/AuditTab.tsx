import { useNavigate, useSearch } from "@tanstack/react-router";
import { AuditLog } from "~/features/audit/AuditLog";
import { useOrg } from "~/hooks/useOrg";
import { useTitle } from "~/hooks/useTitle";
import { paths } from "~/paths";

export function OrgAuditTab() {
  const { org } = useOrg();
  useTitle(`Audit log of ${org.name}`);
  const search = useSearch({ from: "/app/organizations/$org/audit" });
  const navigate = useNavigate();
  return (
    <AuditLog
      scope={{ kind: "org", org: org.slug }}
      search={search}
      onSearch={(next) => navigate({ ...paths.orgAudit(org.slug), search: next, replace: true })}
    />
  );
}
