-- The twin of migrations/postgres/0005_tenancy.sql.

-- Since when they may not come in.
ALTER TABLE users ADD COLUMN suspended_at TEXT;

-- Since when the organization is on its way out: it goes when its last workspace has gone.
ALTER TABLE orgs ADD COLUMN deleting_since TEXT;
CREATE INDEX orgs_deleting_since_idx ON orgs (deleting_since) WHERE deleting_since IS NOT NULL;

-- Good for one use by whoever shows the token and has the address; used or withdrawn, the row is gone.
CREATE TABLE invitations (
    id BLOB NOT NULL PRIMARY KEY,
    org_id BLOB NOT NULL REFERENCES orgs (id) ON DELETE CASCADE,
    email TEXT NOT NULL,
    role TEXT NOT NULL,
    token_hash BLOB NOT NULL UNIQUE,
    invited_by BLOB REFERENCES users (id) ON DELETE SET NULL,
    created_at TEXT NOT NULL,
    expires_at TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX invitations_org_id_email_key ON invitations (org_id, email);
CREATE INDEX invitations_expires_at_idx ON invitations (expires_at);

-- What an organization may use at most; NULL and no row: no limit.
CREATE TABLE quotas (
    org_id BLOB NOT NULL PRIMARY KEY REFERENCES orgs (id) ON DELETE CASCADE,
    workspaces INTEGER,
    running_workspaces INTEGER,
    cpu_millis INTEGER,
    memory_bytes INTEGER,
    disk_bytes INTEGER,
    updated_at TEXT NOT NULL
) STRICT;

-- Disk its components declare.
ALTER TABLE workspaces ADD COLUMN disk_bytes INTEGER NOT NULL DEFAULT 0;

-- By what the actor was known: a session, a token, or nothing but the platform itself.
ALTER TABLE audit_entries ADD COLUMN via TEXT NOT NULL DEFAULT 'session';
UPDATE audit_entries SET via = 'platform' WHERE user_id IS NULL;
-- What the target was called when it happened.
ALTER TABLE audit_entries ADD COLUMN target_name TEXT;
CREATE INDEX audit_entries_at_idx ON audit_entries (at);
CREATE INDEX audit_entries_user_id_idx ON audit_entries (user_id, id);
