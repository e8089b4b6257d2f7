import type { QueryClient } from "@tanstack/react-query";
import { createRootRouteWithContext, createRoute, Outlet, redirect } from "@tanstack/react-router";
import { authQueries } from "~/api/auth";
import { session } from "~/api/session";
import { GateLayout } from "~/layouts/GateLayout";
import { paths } from "~/paths";
import { lazyPage } from "./lazyPage";

export interface RouterContext {
  queryClient: QueryClient;
}

export const root = createRootRouteWithContext<RouterContext>()({ component: Outlet });

/** The house, which somebody at the door need not load yet. */
const AppLayout = lazyPage(() => import("~/layouts/AppLayout"), "AppLayout");

/** Everything behind the door: nothing here is loaded or shown without a session. */
export const app = createRoute({
  getParentRoute: () => root,
  id: "app",
  component: AppLayout,
  async beforeLoad({ context, location }) {
    if (session.state() === "unknown") await session.refresh();
    if (session.state() !== "signed-in") throw redirect(paths.signIn(location.href));
    // By now it is clear that it will be shown; it comes along with the answers.
    void AppLayout.preload?.()?.catch(() => undefined);
    await Promise.all([
      context.queryClient.ensureQueryData(authQueries.me()),
      context.queryClient.ensureQueryData(authQueries.methods()),
    ]);
  },
});

/** Before the door, and what is between: links from mail, devices that ask to come in. */
export const gate = createRoute({ getParentRoute: () => root, id: "gate", component: GateLayout });
