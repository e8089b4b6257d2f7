import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { app } from "./root";
import { textsIn } from "./search";

const newOrg = createRoute({
  getParentRoute: () => app,
  path: "/organizations/new",
  component: lazyRouteComponent(() => import("~/pages/org/NewOrgPage"), "NewOrgPage"),
});

const org = createRoute({
  getParentRoute: () => app,
  path: "/organizations/$org",
  component: lazyRouteComponent(() => import("~/pages/org/OrgLayout"), "OrgLayout"),
});

const members = createRoute({
  getParentRoute: () => org,
  path: "/",
  component: lazyRouteComponent(() => import("~/pages/org/MembersTab"), "MembersTab"),
});

const usage = createRoute({
  getParentRoute: () => org,
  path: "/usage",
  component: lazyRouteComponent(() => import("~/pages/org/UsageTab"), "UsageTab"),
});

const variables = createRoute({
  getParentRoute: () => org,
  path: "/variables",
  component: lazyRouteComponent(() => import("~/pages/org/VariablesTab"), "OrgVariablesTab"),
});

const audit = createRoute({
  getParentRoute: () => org,
  path: "/audit",
  validateSearch: (search: Record<string, unknown>) =>
    textsIn(search, "q", "action", "user", "target", "from", "to"),
  component: lazyRouteComponent(() => import("~/pages/org/AuditTab"), "OrgAuditTab"),
});

const settings = createRoute({
  getParentRoute: () => org,
  path: "/settings",
  component: lazyRouteComponent(() => import("~/pages/org/SettingsTab"), "OrgSettingsTab"),
});

export const organizationRoutes = [
  newOrg,
  org.addChildren([members, usage, variables, audit, settings]),
] as const;
