import { useNavigate, useSearch } from "@tanstack/react-router";
import { AuditLog } from "~/features/audit/AuditLog";
import { useTitle } from "~/hooks/useTitle";
import { paths } from "~/paths";

const scope = { kind: "platform" } as const;

export function PlatformAuditTab() {
  useTitle("Audit log");
  const search = useSearch({ from: "/app/admin/audit" });
  const navigate = useNavigate();
  return (
    <AuditLog
      scope={scope}
      search={search}
      onSearch={(next) => navigate({ ...paths.adminAudit(), search: next, replace: true })}
    />
  );
}
