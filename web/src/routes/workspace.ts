import { createRoute } from "@tanstack/react-router";
import { lazyPage } from "./lazyPage";
import { app } from "./root";
import { textsIn } from "./search";

const workspace = createRoute({
  getParentRoute: () => app,
  path: "/workspaces/$id",
  component: lazyPage(() => import("~/pages/workspace/WorkspaceLayout"), "WorkspaceLayout"),
});

const workspaceOverview = createRoute({
  getParentRoute: () => workspace,
  path: "/",
  component: lazyPage(() => import("~/pages/workspace/OverviewTab"), "OverviewTab"),
});

const workspaceDeployments = createRoute({
  getParentRoute: () => workspace,
  path: "/deployments",
  validateSearch: (search: Record<string, unknown>) => textsIn(search, "deployment"),
  component: lazyPage(() => import("~/pages/workspace/DeploymentsTab"), "DeploymentsTab"),
});

const workspaceLogs = createRoute({
  getParentRoute: () => workspace,
  path: "/logs",
  validateSearch: (search: Record<string, unknown>) => textsIn(search, "component"),
  component: lazyPage(() => import("~/pages/workspace/LogsTab"), "LogsTab"),
});

const workspaceTerminal = createRoute({
  getParentRoute: () => workspace,
  path: "/terminal",
  validateSearch: (search: Record<string, unknown>) => textsIn(search, "component"),
  component: lazyPage(() => import("~/pages/workspace/TerminalTab"), "TerminalTab"),
});

const workspaceMetrics = createRoute({
  getParentRoute: () => workspace,
  path: "/metrics",
  component: lazyPage(() => import("~/pages/workspace/MetricsTab"), "MetricsTab"),
});

const workspaceRoutesTab = createRoute({
  getParentRoute: () => workspace,
  path: "/routes",
  component: lazyPage(() => import("~/pages/workspace/RoutesTab"), "RoutesTab"),
});

const workspaceSettings = createRoute({
  getParentRoute: () => workspace,
  path: "/settings",
  component: lazyPage(() => import("~/pages/workspace/SettingsTab"), "SettingsTab"),
});

export const workspaceRoutes = workspace.addChildren([
  workspaceOverview,
  workspaceDeployments,
  workspaceLogs,
  workspaceTerminal,
  workspaceMetrics,
  workspaceRoutesTab,
  workspaceSettings,
]);
