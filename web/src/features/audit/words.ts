/** Nouns of the log, as a person filters by them. */
export const auditNouns: readonly { value: string; label: string }[] = [
  { value: "", label: "Everything" },
  { value: "workspace", label: "Workspaces" },
  { value: "template", label: "Templates" },
  { value: "member", label: "Members" },
  { value: "invitation", label: "Invitations" },
  { value: "org", label: "Organizations" },
  { value: "user", label: "Users" },
  { value: "session", label: "Sign-ins" },
  { value: "token", label: "API tokens" },
  { value: "ssh_key", label: "SSH keys" },
];

const past: Record<string, string> = {
  accept: "accepted",
  activate: "activated",
  add: "added",
  add_version: "added a version to",
  cancel: "canceled",
  change: "changed",
  close: "ended",
  confirm: "confirmed",
  connect: "connected",
  create: "created",
  delete: "deleted",
  describe: "described",
  destroy: "destroyed",
  disconnect: "disconnected",
  invite: "invited",
  leave: "left",
  lose: "lost",
  open: "opened",
  publish: "published",
  remove: "removed",
  register: "registered",
  rename: "renamed",
  restart: "restarted",
  retry: "retried",
  reuse: "reused",
  revoke: "revoked",
  set: "set",
  start: "started",
  stop: "stopped",
  suspend: "suspended",
  sync: "synced",
  transfer: "transferred",
  update: "updated",
  verify: "verified",
  withdraw: "withdrew",
  write: "wrote",
};

const nouns: Record<string, string> = {
  org: "organization",
  ssh_key: "SSH key",
  token: "API token",
  totp: "second factor",
};

/** What no rule says well. */
const whole: Record<string, string> = {
  "installation.setup": "set up the installation",
  "member.set": "set the role of",
  "org.quota": "changed the quota of",
  "session.close": "signed out",
  "session.open": "signed in",
  "session.refuse": "was refused at sign-in",
  "session.reuse": "used a session that had ended",
  "user.password": "changed the password of",
  "user.password_reset": "set a new password for",
  "user.register": "made an account",
};

/** `workspace.create` as "created workspace"; a verb that is not known stays as it is written. */
export function actionWords(action: string): string {
  if (whole[action]) return whole[action];
  const [noun = "", verb = "", ofPart] = action.split(".");
  if (ofPart && past[ofPart]) return `${past[ofPart]} a ${verb} of`;
  const spaced = nouns[noun] ?? noun.replaceAll("_", " ");
  if (past[verb]) return `${past[verb]} ${spaced}`;
  return verb ? `${spaced}: ${verb.replaceAll("_", " ")}` : action;
}
