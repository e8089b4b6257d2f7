import { createRoute, type ParsedLocation, redirect } from "@tanstack/react-router";
import { authQueries } from "~/api/auth";
import { session } from "~/api/session";
import { keepLinkToken } from "~/features/auth/linkToken";
import { ownAddress, paths } from "~/paths";
import { lazyPage } from "./lazyPage";
import { gate, type RouterContext } from "./root";
import { textsIn } from "./search";

const signIn = createRoute({
  getParentRoute: () => gate,
  path: "/sign-in",
  validateSearch: (search: Record<string, unknown>) => textsIn(search, "return_to", "error"),
  async beforeLoad({ context, search }) {
    if (session.state() === "signed-in") throw redirect({ href: ownAddress(search.return_to) });
    const methods = await context.queryClient.ensureQueryData(authQueries.methods());
    if (methods.setup_required) throw redirect(paths.setup());
  },
  component: lazyPage(() => import("~/pages/SignInPage"), "SignInPage"),
});

const setup = createRoute({
  getParentRoute: () => gate,
  path: "/setup",
  async beforeLoad({ context }) {
    const methods = await context.queryClient.ensureQueryData(authQueries.methods());
    if (!methods.setup_required) throw redirect(paths.home());
  },
  component: lazyPage(() => import("~/pages/SetupPage"), "SetupPage"),
});

const register = createRoute({
  getParentRoute: () => gate,
  path: "/register",
  async beforeLoad({ context }) {
    const methods = await context.queryClient.ensureQueryData(authQueries.methods());
    if (!methods.registration || session.state() === "signed-in") throw redirect(paths.signIn());
  },
  component: lazyPage(() => import("~/pages/RegisterPage"), "RegisterPage"),
});

const forgotPassword = createRoute({
  getParentRoute: () => gate,
  path: "/forgot-password",
  beforeLoad: async ({ context }) => void (await context.queryClient.ensureQueryData(authQueries.methods())),
  component: lazyPage(() => import("~/pages/ForgotPasswordPage"), "ForgotPasswordPage"),
});

/** The token goes out of sight before anything is drawn. */
function takeToken(page: "/reset-password" | "/confirm-email" | "/invitations", location: ParsedLocation) {
  if (keepLinkToken(page, location.hash)) throw redirect({ to: page, hash: "", replace: true });
}

const resetPassword = createRoute({
  getParentRoute: () => gate,
  path: "/reset-password",
  beforeLoad: ({ location }) => takeToken("/reset-password", location),
  component: lazyPage(() => import("~/pages/ResetPasswordPage"), "ResetPasswordPage"),
});

const confirmEmail = createRoute({
  getParentRoute: () => gate,
  path: "/confirm-email",
  beforeLoad: ({ location }) => takeToken("/confirm-email", location),
  component: lazyPage(() => import("~/pages/ConfirmEmailPage"), "ConfirmEmailPage"),
});

const invitations = createRoute({
  getParentRoute: () => gate,
  path: "/invitations",
  async beforeLoad({ context, location }) {
    takeToken("/invitations", location);
    if (session.state() === "unknown") await session.refresh();
    if (session.state() === "signed-in") await context.queryClient.ensureQueryData(authQueries.me());
  },
  component: lazyPage(() => import("~/pages/InvitationPage"), "InvitationPage"),
});

/** Pages between the door and the app: for somebody who is signed in, or signs in and comes back. */
async function needsSession({ context, location }: { context: RouterContext; location: ParsedLocation }) {
  if (session.state() === "unknown") await session.refresh();
  if (session.state() !== "signed-in") throw redirect(paths.signIn(location.href));
  await context.queryClient.ensureQueryData(authQueries.me());
}

const device = createRoute({
  getParentRoute: () => gate,
  path: "/device",
  validateSearch: (search: Record<string, unknown>) => textsIn(search, "user_code"),
  beforeLoad: needsSession,
  component: lazyPage(() => import("~/pages/DevicePage"), "DevicePage"),
});

const open = createRoute({
  getParentRoute: () => gate,
  path: "/open",
  validateSearch: (search: Record<string, unknown>) => textsIn(search, "to", "knock"),
  beforeLoad: needsSession,
  component: lazyPage(() => import("~/pages/OpenPage"), "OpenPage"),
});

export const gateRoutes = gate.addChildren([
  signIn,
  setup,
  register,
  forgotPassword,
  resetPassword,
  confirmEmail,
  invitations,
  device,
  open,
]);
