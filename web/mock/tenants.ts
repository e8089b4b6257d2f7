import type {
  AuditEntry,
  Invitation,
  ListedUser,
  Member,
  Org,
  Quota,
  Role,
  Usage,
  Variable,
} from "../src/api/types.ts";
import { ago, id } from "./basics.ts";
import { me } from "./people.ts";

const GIB = 1024 ** 3;

function user(username: string, facts: Partial<ListedUser> = {}): ListedUser {
  return {
    id: id(),
    username,
    email: `${username}@example.org`,
    display_name: "",
    platform_admin: false,
    suspended: false,
    created_at: ago(60 * 24 * 20),
    last_seen_at: ago(60 * 3),
    totp_enabled: false,
    has_password: true,
    organizations: 1,
    ...facts,
  };
}

const { organizations, pending_email: _, recovery_codes_left: __, ...myself } = me;
export const users: ListedUser[] = [
  { ...myself, last_seen_at: ago(0), organizations: organizations.length },
  user("ops", { platform_admin: true, totp_enabled: true, organizations: 2, last_seen_at: ago(25) }),
  user("dev-1", { totp_enabled: true, last_seen_at: ago(4) }),
  user("dev-2", { last_seen_at: ago(60 * 30) }),
  user("dev-3", { has_password: false, last_seen_at: ago(60 * 24 * 3) }),
  user("reviewer", { last_seen_at: ago(60 * 24 * 12) }),
  user("contractor", { suspended: true, organizations: 0, last_seen_at: ago(60 * 24 * 70) }),
  user("newcomer", { has_password: false, organizations: 0, last_seen_at: null, created_at: ago(30) }),
];

const everyone = (...cast: [username: string, role: Role, workspaces: number][]): Member[] =>
  cast.map(([username, role, workspaces], index) => {
    const {
      id: userId,
      display_name,
      email,
    } = users.find((each) => each.username === username) ?? user(username);
    return {
      user: { id: userId, username, display_name, email },
      role,
      workspaces,
      joined_at: ago(60 * 24 * (30 - index * 3)),
    };
  });

interface Tenant {
  org: Org;
  members: Member[];
  invitations: Invitation[];
  variables: Variable[];
  quota: Quota;
  used: Record<keyof Usage, number>;
}

const invitation = (email: string, role: Role, days: number): Invitation => ({
  id: id(),
  email,
  role,
  invited_by: { id: me.id, username: me.username },
  created_at: ago(60 * 24 * (7 - days)),
  expires_at: ago(-60 * 24 * days),
});

export const tenants: Tenant[] = organizations.map(({ id: orgId, slug, name, role }, index) => ({
  org: {
    id: orgId,
    slug,
    name,
    role,
    members: index ? 2 : 6,
    max_visibility: "public",
    created_at: ago(60 * 24 * (30 - index * 10)),
  },
  members: index
    ? everyone(["ops", "owner", 1], ["admin", "developer", 0])
    : everyone(
        ["admin", "owner", 4],
        ["ops", "admin", 0],
        ["dev-1", "developer", 3],
        ["dev-2", "developer", 1],
        ["dev-3", "developer", 0],
        ["reviewer", "viewer", 0],
      ),
  invitations: index
    ? []
    : [invitation("dev-4@example.org", "developer", 6), invitation("auditor@example.org", "viewer", 1)],
  variables: index
    ? []
    : [
        {
          name: "HTTP_PROXY",
          value: "http://proxy.example.org:3128",
          secret: false,
          updated_at: ago(60 * 24 * 9),
        },
        { name: "REGISTRY_PASSWORD", value: null, secret: true, updated_at: ago(60 * 50) },
        { name: "SENTRY_ENVIRONMENT", value: "development", secret: false, updated_at: ago(60 * 24 * 2) },
      ],
  quota: {
    workspaces: 20,
    running_workspaces: 8,
    cpu_millis: 16_000,
    memory_bytes: 32 * GIB,
    disk_bytes: null,
  },
  used: index
    ? { workspaces: 0, running_workspaces: 0, cpu_millis: 0, memory_bytes: 0, disk_bytes: 0 }
    : {
        workspaces: 8,
        running_workspaces: 8,
        cpu_millis: 13_500,
        memory_bytes: 11.5 * GIB,
        disk_bytes: 46.2 * GIB,
      },
}));

/** Two organizations that the person is no member of: platform admins see them all. */
for (const [slug, name, members] of [
  ["design", "Design", 4],
  ["sandbox", "Sandbox", 1],
] as const) {
  tenants.push({
    org: {
      id: id(),
      slug,
      name,
      role: null,
      members,
      max_visibility: "public",
      created_at: ago(60 * 24 * 6),
    },
    members: everyone(["dev-2", "owner", 0]),
    invitations: [],
    variables: [],
    quota: {
      workspaces: null,
      running_workspaces: null,
      cpu_millis: null,
      memory_bytes: null,
      disk_bytes: null,
    },
    used: { workspaces: 1, running_workspaces: 0, cpu_millis: 0, memory_bytes: 0, disk_bytes: 1 * GIB },
  });
}

type Line = [
  minutes: number,
  who: string | null,
  via: AuditEntry["via"],
  action: string,
  target: string,
  name: string | null,
  detail: unknown,
];

const lines: Line[] = [
  [3, "admin", "session", "workspace.start", "workspace", "dev-box", {}],
  [
    18,
    "admin",
    "session",
    "member.update",
    "member",
    "dev-1",
    { before: { role: "viewer" }, after: { role: "developer" } },
  ],
  [
    64,
    "dev-1",
    "token",
    "workspace.create",
    "workspace",
    "checkout-redesign",
    { before: null, after: { template: "shop", version: 3, parameters: { size: "medium" } } },
  ],
  [
    95,
    "ops",
    "session",
    "invitation.create",
    "invitation",
    "auditor@example.org",
    { after: { role: "viewer" } },
  ],
  [
    180,
    "ops",
    "session",
    "org.quota",
    "organization",
    "Engineering",
    { before: { running_workspaces: 6 }, after: { running_workspaces: 8 } },
  ],
  [
    300,
    "admin",
    "session",
    "org.variable.set",
    "organization",
    "Engineering",
    { variable: "REGISTRY_PASSWORD", before: { secret: false }, after: { secret: true } },
  ],
  [
    1500,
    null,
    "platform",
    "workspace.destroy",
    "workspace",
    "old-preview",
    { before: { status: "stopped" }, after: null },
  ],
  [2900, "dev-2", "session", "template.publish", "template", "billing", { after: { version: 2 } }],
];

export const auditEntries: AuditEntry[] = lines.map(
  ([minutes, who, via, action, target, name, detail], index) => ({
    id: id(),
    at: ago(minutes),
    user: who ? { id: users.find((each) => each.username === who)?.id ?? id(), username: who } : null,
    via,
    action,
    org_id: organizations[0]?.id ?? null,
    target: `${target}:${id()}`,
    target_name: name,
    address: who ? (["192.0.2.17", "203.0.113.20", "2001:db8::41:7"][index % 3] ?? "") : "",
    detail,
  }),
);
