import { createRoute } from "@tanstack/react-router";
import { lazyPage } from "./lazyPage";
import { app } from "./root";
import { textsIn } from "./search";

const newOrg = createRoute({
  getParentRoute: () => app,
  path: "/organizations/new",
  component: lazyPage(() => import("~/pages/org/NewOrgPage"), "NewOrgPage"),
});

const org = createRoute({
  getParentRoute: () => app,
  path: "/organizations/$org",
  component: lazyPage(() => import("~/pages/org/OrgLayout"), "OrgLayout"),
});

const members = createRoute({
  getParentRoute: () => org,
  path: "/",
  component: lazyPage(() => import("~/pages/org/MembersTab"), "MembersTab"),
});

const usage = createRoute({
  getParentRoute: () => org,
  path: "/usage",
  component: lazyPage(() => import("~/pages/org/UsageTab"), "UsageTab"),
});

const variables = createRoute({
  getParentRoute: () => org,
  path: "/variables",
  component: lazyPage(() => import("~/pages/org/VariablesTab"), "OrgVariablesTab"),
});

const audit = createRoute({
  getParentRoute: () => org,
  path: "/audit",
  validateSearch: (search: Record<string, unknown>) =>
    textsIn(search, "q", "action", "user", "target", "from", "to"),
  component: lazyPage(() => import("~/pages/org/AuditTab"), "OrgAuditTab"),
});

const settings = createRoute({
  getParentRoute: () => org,
  path: "/settings",
  component: lazyPage(() => import("~/pages/org/SettingsTab"), "OrgSettingsTab"),
});

export const organizationRoutes = [
  newOrg,
  org.addChildren([members, usage, variables, audit, settings]),
] as const;
