-- The twin of migrations/sqlite/0008_burial.sql.

-- The organization is gone for everybody; its row stays for as long as rows of destroyed workspaces refer to it, by which
-- what turns up late on a host is known and removed.
ALTER TABLE orgs ADD COLUMN buried_at timestamptz;
CREATE INDEX orgs_buried_at_idx ON orgs (buried_at) WHERE buried_at IS NOT NULL;
