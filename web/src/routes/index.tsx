import type { QueryClient } from "@tanstack/react-query";
import { createRoute, createRouter } from "@tanstack/react-router";
import { RouteFailure } from "~/layouts/RouteFailure";
import { Waiting } from "~/layouts/Waiting";
import { NotFoundPage } from "~/pages/NotFoundPage";
import { accountRoutes } from "./account";
import { adminRoutes } from "./admin";
import { gateRoutes } from "./gate";
import { lazyPage } from "./lazyPage";
import { organizationRoutes } from "./organization";
import { app, root } from "./root";
import { textsIn } from "./search";
import { workspaceRoutes } from "./workspace";

const home = createRoute({
  getParentRoute: () => app,
  path: "/",
  validateSearch: (search: Record<string, unknown>): { q?: string; view?: "table" } => ({
    ...textsIn(search, "q"),
    ...(search.view === "table" && { view: "table" as const }),
  }),
  component: lazyPage(() => import("~/pages/WorkspacesPage"), "WorkspacesPage"),
});

const catalog = createRoute({
  getParentRoute: () => app,
  path: "/catalog",
  validateSearch: (search: Record<string, unknown>): { q?: string; tag?: string } => ({
    ...textsIn(search, "q", "tag"),
  }),
  component: lazyPage(() => import("~/pages/CatalogPage"), "CatalogPage"),
});

const newWorkspace = createRoute({
  getParentRoute: () => app,
  path: "/new/$templateId",
  component: lazyPage(() => import("~/pages/CreateWorkspacePage"), "CreateWorkspacePage"),
});

const templates = createRoute({
  getParentRoute: () => app,
  path: "/templates",
  component: lazyPage(() => import("~/pages/TemplatesPage"), "TemplatesPage"),
});

const newTemplate = createRoute({
  getParentRoute: () => app,
  path: "/templates/new",
  component: lazyPage(() => import("~/pages/NewTemplatePage"), "NewTemplatePage"),
});

const template = createRoute({
  getParentRoute: () => app,
  path: "/templates/$id",
  component: lazyPage(() => import("~/pages/TemplatePage"), "TemplatePage"),
});

const publishVersion = createRoute({
  getParentRoute: () => app,
  path: "/templates/$id/publish",
  component: lazyPage(() => import("~/pages/PublishVersionPage"), "PublishVersionPage"),
});

const lost = createRoute({ getParentRoute: () => app, path: "$", component: NotFoundPage });

export const routeTree = root.addChildren([
  gateRoutes,
  app.addChildren([
    home,
    catalog,
    newWorkspace,
    workspaceRoutes,
    templates,
    newTemplate,
    template,
    publishVersion,
    accountRoutes,
    ...organizationRoutes,
    adminRoutes,
    lost,
  ]),
]);

export function makeRouter(queryClient: QueryClient) {
  return createRouter({
    routeTree,
    context: { queryClient },
    defaultPreload: "intent",
    // What is fresh enough is the query cache's business.
    defaultPreloadStaleTime: 0,
    defaultPendingComponent: Waiting,
    defaultErrorComponent: RouteFailure,
    defaultNotFoundComponent: NotFoundPage,
    scrollRestoration: true,
  });
}

declare module "@tanstack/react-router" {
  interface Register {
    router: ReturnType<typeof makeRouter>;
  }
}
