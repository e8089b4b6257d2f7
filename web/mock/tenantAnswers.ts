import type { Invitation, ListedUser, Org, Usage } from "../src/api/types.ts";
import { ago, id, now } from "./basics.ts";
import { type Answers, type Call, found, gone, list, Refusal, refuseField } from "./call.ts";
import { me } from "./people.ts";
import { erase, write } from "./peopleAnswers.ts";
import { auditEntries, tenants, users } from "./tenants.ts";

const at = (call: Call) =>
  found(
    tenants.find(({ org }) => org.slug === call.path.org),
    "organization",
  );
const userAt = (call: Call) =>
  found(
    users.find((each) => each.id === call.path.id),
    "user",
  );
const secretLink = (page: string) => `http://localhost:7080/${page}#token=${id().replaceAll("-", "")}`;

export const tenantAnswers: Answers = [
  ["GET", "/orgs", () => list(tenants.map(({ org }) => org))],
  ["POST", "/orgs", createOrg],
  ["GET", "/orgs/:org", (call) => ({ body: at(call).org })],
  [
    "PATCH",
    "/orgs/:org",
    (call) => {
      const { org } = at(call);
      Object.assign(org, call.body);
      const mine = me.organizations.find((each) => each.id === org.id);
      if (mine) Object.assign(mine, call.body);
      return { body: org };
    },
  ],
  [
    "DELETE",
    "/orgs/:org",
    (call) => {
      const tenant = at(call);
      if (tenant.used.workspaces > 0 && !call.body.everything)
        throw new Refusal(409, "not_empty", `${tenant.org.name} still has workspaces.`);
      tenants.splice(tenants.indexOf(tenant), 1);
      me.organizations = me.organizations.filter((each) => each.id !== tenant.org.id);
      return call.body.everything ? { status: 202, body: {} } : gone;
    },
  ],
  ["GET", "/orgs/:org/members", (call) => list(at(call).members)],
  [
    "PUT",
    "/orgs/:org/members/:user",
    (call) => {
      const member = memberAt(call);
      const owners = at(call).members.filter((each) => each.role === "owner");
      if (member.role === "owner" && call.body.role !== "owner" && owners.length === 1)
        throw new Refusal(409, "last_owner", "An organization keeps at least one owner.");
      member.role = call.body.role;
      return { body: member };
    },
  ],
  [
    "DELETE",
    "/orgs/:org/members/:user",
    (call) => {
      const { members } = at(call);
      const member = memberAt(call);
      if (member.workspaces > 0 && !call.query.get("transfer_to"))
        throw new Refusal(409, "owns_workspaces", "The member has workspaces.");
      members.splice(members.indexOf(member), 1);
      return gone;
    },
  ],
  ["GET", "/orgs/:org/invitations", (call) => list(at(call).invitations)],
  [
    "POST",
    "/orgs/:org/invitations",
    (call) => {
      const { invitations } = at(call);
      if (invitations.some(({ email }) => email === call.body.email))
        throw refuseField("email", "taken", "is invited already");
      const made: Invitation = {
        id: id(),
        email: call.body.email,
        role: call.body.role,
        invited_by: { id: me.id, username: me.username },
        created_at: now(),
        expires_at: ago(-7 * 24 * 60),
      };
      invitations.push(made);
      const mailed = process.env.MOCK_MAIL !== "0";
      return { status: 201, body: { ...made, accept_url: secretLink("invitations"), mailed } };
    },
  ],
  [
    "DELETE",
    "/orgs/:org/invitations/:id",
    (call) => {
      const tenant = at(call);
      tenant.invitations = tenant.invitations.filter((each) => each.id !== call.path.id);
      return gone;
    },
  ],
  [
    "POST",
    "/invitations/show",
    ({ body }) => {
      if (body.token === "old")
        throw refuseField("token", "invalid_token", "is not valid, was used, or is too old");
      const email = { mine: me.email, new: "dev-4@example.org" }[body.token as string] ?? "dev-2@example.org";
      return {
        body: {
          org: { slug: "design", name: "Design" },
          email,
          role: "developer",
          expires_at: ago(-5 * 24 * 60),
          account_exists: body.token !== "new",
        },
      };
    },
  ],
  ["POST", "/invitations/accept", () => ({ body: tenants[0]?.org })],
  [
    "PUT",
    "/orgs/:org/quota",
    (call) => {
      const tenant = at(call);
      tenant.quota = call.body;
      return { body: tenant.quota };
    },
  ],
  [
    "GET",
    "/orgs/:org/usage",
    (call) => {
      const { used, quota } = at(call);
      const names = Object.keys(used) as (keyof Usage)[];
      return {
        body: Object.fromEntries(names.map((name) => [name, { used: used[name], limit: quota[name] }])),
      };
    },
  ],
  ["GET", "/orgs/:org/variables", (call) => list(at(call).variables)],
  ["PUT", "/orgs/:org/variables/:name", (call) => write(at(call).variables, call)],
  ["DELETE", "/orgs/:org/variables/:name", (call) => erase(at(call).variables, call)],
  ["GET", "/orgs/:org/audit", audit],
  ["GET", "/audit", audit],
  ["GET", "/users", listUsers],
  [
    "POST",
    "/users",
    ({ body }) => {
      if (users.some(({ username }) => username === body.username))
        throw refuseField("username", "taken", "is taken");
      const { password, ...facts } = body;
      const made: ListedUser = {
        id: id(),
        display_name: "",
        platform_admin: false,
        suspended: false,
        created_at: now(),
        last_seen_at: null,
        totp_enabled: false,
        has_password: Boolean(password),
        organizations: 0,
        ...facts,
      };
      users.unshift(made);
      return {
        status: 201,
        body: { ...made, ...(!password && { reset_url: secretLink("reset-password") }) },
      };
    },
  ],
  ["PATCH", "/users/:id", (call) => ({ body: Object.assign(userAt(call), call.body) })],
  [
    "DELETE",
    "/users/:id",
    (call) => {
      const user = userAt(call);
      if (user.username === "dev-1")
        throw new Refusal(409, "owns_workspaces", "dev-1 has 3 workspaces in Engineering.");
      users.splice(users.indexOf(user), 1);
      return gone;
    },
  ],
  [
    "POST",
    "/users/:id/reset-link",
    (call) => {
      userAt(call);
      return { body: { reset_url: secretLink("reset-password"), expires_at: ago(-60) } };
    },
  ],
];

function memberAt(call: Call) {
  return found(
    at(call).members.find(({ user }) => user.id === call.path.user),
    "member",
  );
}

function createOrg({ body }: Call) {
  if (tenants.some(({ org }) => org.slug === body.slug)) throw refuseField("slug", "taken", "is taken");
  const org: Org = {
    id: id(),
    slug: body.slug,
    name: body.name,
    role: "owner",
    members: 1,
    max_visibility: "public",
    created_at: now(),
  };
  const { id: userId, username, display_name, email } = me;
  tenants.push({
    org,
    members: [
      { user: { id: userId, username, display_name, email }, role: "owner", workspaces: 0, joined_at: now() },
    ],
    invitations: [],
    variables: [],
    quota: {
      workspaces: null,
      running_workspaces: null,
      cpu_millis: null,
      memory_bytes: null,
      disk_bytes: null,
    },
    used: { workspaces: 0, running_workspaces: 0, cpu_millis: 0, memory_bytes: 0, disk_bytes: 0 },
  });
  me.organizations.push({ id: org.id, slug: org.slug, name: org.name, role: "owner" });
  return { status: 201, body: org };
}

function listUsers({ query }: Call) {
  const q = query.get("q") ?? "";
  return list(users.filter(({ username, email }) => username.includes(q) || email.includes(q)));
}

function audit({ query, accept }: Call) {
  const wants = (name: string) => query.get(name) ?? "";
  const entries = auditEntries.filter(
    ({ action, user, at: when, target_name }) =>
      `${action}.`.startsWith(wants("action") && `${wants("action")}.`) &&
      (!wants("user") || user?.id === wants("user")) &&
      (!wants("from") || when >= wants("from")) &&
      (!wants("to") || when <= wants("to")) &&
      `${action} ${target_name} ${user?.username}`.includes(wants("q")),
  );
  if (accept.includes("ndjson"))
    return { file: { type: accept, text: entries.map((entry) => `${JSON.stringify(entry)}\n`).join("") } };
  if (accept.includes("csv")) {
    const rows = entries.map(({ at: when, user, action, target_name }) => [
      when,
      user?.username,
      action,
      target_name,
    ]);
    return { file: { type: accept, text: [["at", "user", "action", "target"], ...rows].join("\n") } };
  }
  return list(entries);
}
