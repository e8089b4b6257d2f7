import type { ApiToken, SshKey, Variable, Workspace } from "../src/api/types.ts";
import { id, now } from "./basics.ts";
import { type Answers, type Call, found, gone, list, Refusal, refuseField } from "./call.ts";
import {
  identities,
  me,
  methods,
  myVariables,
  pretendQr,
  recoveryCodes,
  sessions,
  sshKeys,
  tokens,
} from "./people.ts";
import { world } from "./world.ts";

export function sessionAnswer() {
  const { organizations: _, ...user } = me;
  return { cookie: "1", body: { access_token: id(), token_type: "Bearer", expires_in: 900, user } };
}

function take<T extends { id: string }>(items: T[], call: Call, what: string) {
  items.splice(
    items.indexOf(
      found(
        items.find((each) => each.id === call.path.id),
        what,
      ),
    ),
    1,
  );
  return gone;
}

function needPassword(call: Call, field = "password") {
  if (call.body[field] === "wrong") throw refuseField(field, "wrong_password", "is not your password");
}

function needCode(call: Call) {
  if (call.body.code === "000000") throw refuseField("code", "wrong_totp_code", "is not the code shown now");
}

/** Of an address, or of the path of a terminal. */
function holderOf(wanted: string): Workspace | undefined {
  const id = /^\/api\/v1\/workspaces\/([^/]+)\/terminal$/.exec(wanted)?.[1];
  if (id) return world.workspaces.get(id);
  const { hostname } = new URL(wanted);
  return [...world.workspaces.values()].find((each) => each.routes.some((route) => route.host === hostname));
}

function entranceTo({ origin, pathname }: URL): string {
  return `${origin}/.devsanctum/enter?ticket=mock&to=${encodeURIComponent(pathname)}`;
}

/** Passwords and codes that begin with zeros or read "wrong" are; logins named "totp" and "suspended" are what they say. */
export const peopleAnswers: Answers = [
  ["GET", "/auth/methods", () => ({ body: { ...methods, setup_required: world.setupRequired } })],
  ["POST", "/auth/setup", () => ({ status: 201, ...sessionAnswer() })],
  [
    "POST",
    "/auth/login",
    ({ body }) => {
      if (body.password === "wrong")
        throw new Refusal(401, "wrong_credentials", "The name or the password is wrong.");
      if (body.login === "suspended")
        throw new Refusal(403, "account_suspended", "This account is suspended.");
      if (body.login === "totp" && !body.totp_code)
        throw new Refusal(401, "totp_required", "A code of the second factor is needed.");
      if (body.totp_code === "000000")
        throw new Refusal(401, "wrong_totp_code", "The code is wrong, or was used before.");
      return sessionAnswer();
    },
  ],
  [
    "POST",
    "/auth/refresh",
    (call) => {
      if (!call.signedIn) throw new Refusal(401, "unauthenticated", "There is no session.");
      return sessionAnswer();
    },
  ],
  ["POST", "/auth/logout", () => ({ status: 204, cookie: "" })],
  ["POST", "/auth/password/forgot", () => ({ status: 202, body: {} })],
  [
    "POST",
    "/auth/password/reset",
    ({ body }) => {
      if (body.token === "old")
        throw refuseField("token", "invalid_token", "is not valid, was used, or is too old");
      return gone;
    },
  ],
  [
    "POST",
    "/auth/email/confirm",
    ({ body }) => {
      if (body.token === "old")
        throw refuseField("token", "invalid_token", "is not valid, was used, or is too old");
      return gone;
    },
  ],
  ["POST", "/auth/register", () => ({ status: 201, ...sessionAnswer() })],
  [
    "GET",
    "/auth/device/:code",
    ({ path }) => {
      if (path.code?.startsWith("0")) throw new Refusal(404, "not_found", "No device waits with this code.");
      return {
        body: {
          client_name: "devsanctum on build-7",
          address: "203.0.113.20",
          created_at: now(),
          expires_at: new Date(Date.now() + 9 * 60_000).toISOString(),
        },
      };
    },
  ],
  ["POST", "/auth/device/:code", () => gone],
  [
    "POST",
    "/tickets",
    ({ body }) => {
      const wanted = String(body.for);
      const holder = holderOf(wanted);
      if (holder) {
        const { id, name, status } = holder;
        const url = wanted.startsWith("/") ? wanted : entranceTo(new URL(wanted));
        return { body: { ticket: "mock", expires_in: 30, url, workspace: { id, name, status } } };
      }
      const detail = "this address is private; whoever the workspace belongs to can show it to more people";
      throw new Refusal(403, "address_refused", detail);
    },
  ],

  ["GET", "/me", () => ({ body: me })],
  [
    "PATCH",
    "/me",
    ({ body }) => {
      Object.assign(me, body);
      return { body: me };
    },
  ],
  [
    "POST",
    "/me/password",
    (call) => {
      needPassword(call, "current_password");
      return gone;
    },
  ],
  [
    "POST",
    "/me/email",
    (call) => {
      needPassword(call);
      me.pending_email = call.body.email;
      return { status: 202, body: {} };
    },
  ],
  ["GET", "/me/sessions", () => list(sessions)],
  [
    "DELETE",
    "/me/sessions",
    () => {
      sessions.splice(1);
      return gone;
    },
  ],
  ["DELETE", "/me/sessions/:id", (call) => take(sessions, call, "session")],
  ["GET", "/me/tokens", () => list(tokens)],
  [
    "POST",
    "/me/tokens",
    ({ body }) => {
      const secret = `dvs_${id().replaceAll("-", "")}Qm8vXz2`;
      const made: ApiToken = {
        id: id(),
        prefix: secret.slice(0, 8),
        created_at: now(),
        last_used_at: null,
        last_used_address: null,
        ...body,
      };
      tokens.unshift(made);
      return { status: 201, body: { ...made, secret } };
    },
  ],
  ["DELETE", "/me/tokens/:id", (call) => take(tokens, call, "token")],
  [
    "POST",
    "/me/totp",
    (call) => {
      needPassword(call);
      const secret = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";
      const otpauth_url = `otpauth://totp/DevSanctum:${me.username}?secret=${secret}&issuer=DevSanctum`;
      return { body: { secret, otpauth_url, qr_svg: pretendQr() } };
    },
  ],
  [
    "POST",
    "/me/totp/confirm",
    (call) => {
      needCode(call);
      Object.assign(me, { totp_enabled: true, recovery_codes_left: 10 });
      return { body: { recovery_codes: recoveryCodes() } };
    },
  ],
  [
    "POST",
    "/me/totp/recovery-codes",
    (call) => {
      needPassword(call);
      needCode(call);
      me.recovery_codes_left = 10;
      return { body: { recovery_codes: recoveryCodes() } };
    },
  ],
  [
    "DELETE",
    "/me/totp",
    (call) => {
      needPassword(call);
      needCode(call);
      Object.assign(me, { totp_enabled: false, recovery_codes_left: 0 });
      return gone;
    },
  ],
  ["GET", "/me/identities", () => list(identities)],
  [
    "POST",
    "/me/identities/:provider/start",
    ({ path }) => {
      if (path.provider === "oidc")
        throw new Refusal(
          409,
          "fresh_sign_in_required",
          "this needs a sign-in that is not older than 10 minutes: sign out and in again",
        );
      return { body: { authorization_url: "/account/security?error=identity_taken" } };
    },
  ],
  ["DELETE", "/me/identities/:id", (call) => take(identities, call, "identity")],
  ["GET", "/me/ssh-keys", () => list(sshKeys)],
  ["POST", "/me/ssh-keys", addSshKey],
  ["DELETE", "/me/ssh-keys/:id", (call) => take(sshKeys, call, "key")],
  ["GET", "/me/variables", () => list(myVariables)],
  ["PUT", "/me/variables/:name", (call) => write(myVariables, call)],
  ["DELETE", "/me/variables/:name", (call) => erase(myVariables, call)],
];

function addSshKey({ body }: Call) {
  const [type = "", blob = ""] = String(body.public_key).trim().split(/\s+/);
  if (!/^(ssh-|ecdsa-)/.test(type) || !blob)
    throw refuseField("public_key", "invalid", "must be one line of an OpenSSH public key");
  const key: SshKey = {
    id: id(),
    name: body.name,
    fingerprint: `SHA256:${id().replaceAll("-", "")}`,
    key_type: type,
    public_key: body.public_key,
    created_at: now(),
    last_used_at: null,
  };
  sshKeys.push(key);
  return { status: 201, body: key };
}

export function write(variables: Variable[], call: Call) {
  const { value, secret = false } = call.body;
  const written = { name: call.path.name ?? "", value: secret ? null : value, secret, updated_at: now() };
  const at = variables.findIndex((each) => each.name === written.name);
  variables.splice(at < 0 ? variables.length : at, at < 0 ? 0 : 1, written);
  variables.sort((one, other) => (one.name < other.name ? -1 : 1));
  return { body: written };
}

export function erase(variables: Variable[], call: Call) {
  const at = variables.findIndex((each) => each.name === call.path.name);
  if (at >= 0) variables.splice(at, 1);
  return gone;
}
