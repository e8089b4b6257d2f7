import { createRoute } from "@tanstack/react-router";
import { lazyPage } from "./lazyPage";
import { app } from "./root";
import { textsIn } from "./search";

const admin = createRoute({
  getParentRoute: () => app,
  path: "/admin",
  component: lazyPage(() => import("~/pages/admin/AdminLayout"), "AdminLayout"),
});

const users = createRoute({
  getParentRoute: () => admin,
  path: "/",
  validateSearch: (search: Record<string, unknown>) => textsIn(search, "q"),
  component: lazyPage(() => import("~/pages/admin/UsersTab"), "UsersTab"),
});

const organizations = createRoute({
  getParentRoute: () => admin,
  path: "/organizations",
  component: lazyPage(() => import("~/pages/admin/OrganizationsTab"), "OrganizationsTab"),
});

const audit = createRoute({
  getParentRoute: () => admin,
  path: "/audit",
  validateSearch: (search: Record<string, unknown>) =>
    textsIn(search, "q", "action", "user", "target", "from", "to"),
  component: lazyPage(() => import("~/pages/admin/AuditTab"), "PlatformAuditTab"),
});

const system = createRoute({
  getParentRoute: () => admin,
  path: "/system",
  component: lazyPage(() => import("~/pages/admin/SystemTab"), "SystemTab"),
});

export const adminRoutes = admin.addChildren([users, organizations, system, audit]);
