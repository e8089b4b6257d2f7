import type { ApiToken, Identity, Me, Methods, SignIn, SshKey, Variable } from "../src/api/types.ts";
import { ago, id, org } from "./basics.ts";

/** Who is signed in, and what belongs to them. */
export const me: Me = {
  id: id(),
  username: "admin",
  email: "admin@example.org",
  display_name: "",
  platform_admin: true,
  suspended: false,
  created_at: ago(60 * 24 * 30),
  has_password: true,
  totp_enabled: false,
  recovery_codes_left: 0,
  pending_email: null,
  organizations: [org, { id: id(), slug: "research", name: "Research", role: "developer" }],
};

export const methods: Methods = {
  setup_required: false,
  password: true,
  registration: false,
  mail: process.env.MOCK_MAIL !== "0",
  providers: [
    { id: "github", name: "GitHub" },
    { id: "google", name: "Google" },
    { id: "oidc", name: "Example SSO" },
  ],
};

const later = (days: number) => ago(-days * 24 * 60);

export const sessions: SignIn[] = [
  {
    id: id(),
    device: "Chrome on Linux",
    user_agent:
      "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/143.0.0.0 Safari/537.36",
    address: "192.0.2.17",
    created_at: ago(60 * 24 * 3),
    last_used_at: ago(0),
    expires_at: later(27),
    current: true,
  },
  {
    id: id(),
    device: "Safari on iPhone",
    user_agent:
      "Mozilla/5.0 (iPhone; CPU iPhone OS 18_2 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.2 Mobile/15E148 Safari/604.1",
    address: "2001:db8::41:7",
    created_at: ago(60 * 24 * 9),
    last_used_at: ago(60 * 7),
    expires_at: later(21),
    current: false,
  },
  {
    id: id(),
    device: "Firefox on macOS",
    user_agent: "Mozilla/5.0 (Macintosh; Intel Mac OS X 14.7; rv:145.0) Gecko/20100101 Firefox/145.0",
    address: "198.51.100.4",
    created_at: ago(60 * 24 * 20),
    last_used_at: ago(60 * 24 * 6),
    expires_at: later(10),
    current: false,
  },
];

export const tokens: ApiToken[] = [
  {
    id: id(),
    name: "continuous integration",
    prefix: "dvs_Rk3p",
    scopes: ["workspaces", "templates"],
    created_at: ago(60 * 24 * 40),
    expires_at: later(50),
    last_used_at: ago(12),
    last_used_address: "203.0.113.20",
  },
  {
    id: id(),
    name: "dashboard",
    prefix: "dvs_9cWm",
    scopes: ["read"],
    created_at: ago(60 * 24 * 25),
    expires_at: null,
    last_used_at: null,
    last_used_address: null,
  },
  {
    id: id(),
    name: "migration script",
    prefix: "dvs_xT07",
    scopes: ["orgs", "platform"],
    created_at: ago(60 * 24 * 95),
    expires_at: ago(60 * 24 * 5),
    last_used_at: ago(60 * 24 * 60),
    last_used_address: "203.0.113.20",
  },
];

export const identities: Identity[] = [
  {
    id: id(),
    provider: "github",
    provider_name: "GitHub",
    subject_hint: "admin-at-example",
    created_at: ago(60 * 24 * 28),
    last_used_at: ago(60 * 24 * 2),
  },
];

export const sshKeys: SshKey[] = [
  {
    id: id(),
    name: "laptop",
    fingerprint: "SHA256:3QnIWn2cW0m8QJvMqZr6qj2tDq0fVdS1ZBgn0Yp7C0E",
    key_type: "ssh-ed25519",
    public_key: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFq1",
    created_at: ago(60 * 24 * 28),
    last_used_at: ago(60 * 5),
  },
  {
    id: id(),
    name: "build server",
    fingerprint: "SHA256:0q9hZP8bJ3Gv2bS7mXUO2bY0Qw2mBcm4lX1rJc0nX9s",
    key_type: "ecdsa-sha2-nistp256",
    public_key: "ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAA",
    created_at: ago(60 * 24 * 11),
    last_used_at: null,
  },
];

export const myVariables: Variable[] = [
  { name: "EDITOR", value: "nvim", secret: false, updated_at: ago(60 * 24 * 8) },
  { name: "GIT_AUTHOR_EMAIL", value: "admin@example.org", secret: false, updated_at: ago(60 * 24 * 8) },
  { name: "NPM_TOKEN", value: null, secret: true, updated_at: ago(60 * 30) },
];

/** Looks like a code for a camera, and is none: its squares come from nothing. */
export function pretendQr(): string {
  const size = 29;
  const finder = (x: number, y: number) => {
    for (const [cx, cy] of [
      [3, 3],
      [size - 4, 3],
      [3, size - 4],
    ] as const) {
      const ring = Math.max(Math.abs(x - cx), Math.abs(y - cy));
      if (ring <= 4) return ring !== 2 && ring !== 4;
    }
    return null;
  };
  let path = "";
  for (let y = 0; y < size; y += 1)
    for (let x = 0; x < size; x += 1)
      if (finder(x, y) ?? (x * x * 7 + y * y * 13 + x * y * 5) % 11 < 5) path += `M${x} ${y}h1v1h-1z`;
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="-4 -4 ${size + 8} ${size + 8}">` +
    `<path fill="#fff" d="M-4-4h${size + 8}v${size + 8}h-${size + 8}z"/><path d="${path}"/></svg>`
  );
}

export const recoveryCodes = () =>
  Array.from({ length: 10 }, () =>
    id()
      .replaceAll("-", "")
      .slice(0, 12)
      .replace(/(.{4})(?=.)/g, "$1-"),
  );
