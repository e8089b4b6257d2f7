import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { app } from "./root";
import { textsIn } from "./search";

const admin = createRoute({
  getParentRoute: () => app,
  path: "/admin",
  component: lazyRouteComponent(() => import("~/pages/admin/AdminLayout"), "AdminLayout"),
});

const users = createRoute({
  getParentRoute: () => admin,
  path: "/",
  validateSearch: (search: Record<string, unknown>) => textsIn(search, "q"),
  component: lazyRouteComponent(() => import("~/pages/admin/UsersTab"), "UsersTab"),
});

const organizations = createRoute({
  getParentRoute: () => admin,
  path: "/organizations",
  component: lazyRouteComponent(() => import("~/pages/admin/OrganizationsTab"), "OrganizationsTab"),
});

const audit = createRoute({
  getParentRoute: () => admin,
  path: "/audit",
  validateSearch: (search: Record<string, unknown>) =>
    textsIn(search, "q", "action", "user", "target", "from", "to"),
  component: lazyRouteComponent(() => import("~/pages/admin/AuditTab"), "PlatformAuditTab"),
});

export const adminRoutes = admin.addChildren([users, organizations, audit]);
