/**
 * Every address inside the UI, built in one place. Spread the result into <Link> or navigate(): the router
 * checks there that the address exists and that its parameters fit.
 */
export const paths = {
  home: () => ({ to: "/" }) as const,
  signIn: (returnTo?: string) =>
    ({ to: "/sign-in", search: returnTo ? { return_to: returnTo } : {} }) as const,
  forgotPassword: () => ({ to: "/forgot-password" }) as const,
  register: () => ({ to: "/register" }) as const,
  device: (userCode: string) => ({ to: "/device", search: { user_code: userCode } }) as const,
  setup: () => ({ to: "/setup" }) as const,
  catalog: () => ({ to: "/catalog" }) as const,
  newWorkspace: (templateId: string) => ({ to: "/new/$templateId", params: { templateId } }) as const,
  workspace: (id: string) => ({ to: "/workspaces/$id", params: { id } }) as const,
  workspaceDeployments: (id: string, deployment?: string) =>
    ({
      to: "/workspaces/$id/deployments",
      params: { id },
      search: deployment ? { deployment } : {},
    }) as const,
  workspaceLogs: (id: string, component?: string) =>
    ({ to: "/workspaces/$id/logs", params: { id }, search: component ? { component } : {} }) as const,
  workspaceTerminal: (id: string, component?: string) =>
    ({ to: "/workspaces/$id/terminal", params: { id }, search: component ? { component } : {} }) as const,
  workspaceMetrics: (id: string) => ({ to: "/workspaces/$id/metrics", params: { id } }) as const,
  workspaceRoutes: (id: string) => ({ to: "/workspaces/$id/routes", params: { id } }) as const,
  workspaceSettings: (id: string) => ({ to: "/workspaces/$id/settings", params: { id } }) as const,
  templates: () => ({ to: "/templates" }) as const,
  newTemplate: () => ({ to: "/templates/new" }) as const,
  template: (id: string) => ({ to: "/templates/$id", params: { id } }) as const,
  newTemplateVersion: (id: string) => ({ to: "/templates/$id/publish", params: { id } }) as const,
  account: () => ({ to: "/account" }) as const,
  accountSecurity: () => ({ to: "/account/security" }) as const,
  accountSessions: () => ({ to: "/account/sessions" }) as const,
  accountTokens: () => ({ to: "/account/tokens" }) as const,
  accountKeys: () => ({ to: "/account/ssh-keys" }) as const,
  accountVariables: () => ({ to: "/account/variables" }) as const,
  newOrg: () => ({ to: "/organizations/new" }) as const,
  org: (org: string) => ({ to: "/organizations/$org", params: { org } }) as const,
  orgUsage: (org: string) => ({ to: "/organizations/$org/usage", params: { org } }) as const,
  orgVariables: (org: string) => ({ to: "/organizations/$org/variables", params: { org } }) as const,
  orgAudit: (org: string) => ({ to: "/organizations/$org/audit", params: { org } }) as const,
  orgSettings: (org: string) => ({ to: "/organizations/$org/settings", params: { org } }) as const,
  admin: () => ({ to: "/admin" }) as const,
  adminOrgs: () => ({ to: "/admin/organizations" }) as const,
  adminSystem: () => ({ to: "/admin/system" }) as const,
  adminAudit: () => ({ to: "/admin/audit" }) as const,
};

/** Only addresses of our own may be returned to: a path, never another host. */
export function ownAddress(candidate: string | undefined): string {
  if (!candidate?.startsWith("/")) return "/";
  const resolved = new URL(candidate, location.origin);
  return resolved.origin === location.origin && !candidate.startsWith("//")
    ? resolved.pathname + resolved.search
    : "/";
}
