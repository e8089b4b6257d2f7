import { createRoute } from "@tanstack/react-router";
import { lazyPage } from "./lazyPage";
import { app } from "./root";
import { textsIn } from "./search";

const account = createRoute({
  getParentRoute: () => app,
  path: "/account",
  component: lazyPage(() => import("~/pages/account/AccountLayout"), "AccountLayout"),
});

const profile = createRoute({
  getParentRoute: () => account,
  path: "/",
  component: lazyPage(() => import("~/pages/account/ProfileTab"), "ProfileTab"),
});

const security = createRoute({
  getParentRoute: () => account,
  path: "/security",
  // A provider that was to be connected sends the browser back with the reason why not.
  validateSearch: (search: Record<string, unknown>) => textsIn(search, "error"),
  component: lazyPage(() => import("~/pages/account/SecurityTab"), "SecurityTab"),
});

const sessions = createRoute({
  getParentRoute: () => account,
  path: "/sessions",
  component: lazyPage(() => import("~/pages/account/SessionsTab"), "SessionsTab"),
});

const tokens = createRoute({
  getParentRoute: () => account,
  path: "/tokens",
  component: lazyPage(() => import("~/pages/account/TokensTab"), "TokensTab"),
});

const sshKeys = createRoute({
  getParentRoute: () => account,
  path: "/ssh-keys",
  component: lazyPage(() => import("~/pages/account/SshKeysTab"), "SshKeysTab"),
});

const variables = createRoute({
  getParentRoute: () => account,
  path: "/variables",
  component: lazyPage(() => import("~/pages/account/VariablesTab"), "VariablesTab"),
});

export const accountRoutes = account.addChildren([profile, security, sessions, tokens, sshKeys, variables]);
