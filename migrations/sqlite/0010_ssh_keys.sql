-- The twin of migrations/postgres/0010_ssh_keys.sql.

-- The public halves of the keys with which people enter their workspaces.
CREATE TABLE ssh_keys (
    id BLOB NOT NULL PRIMARY KEY,
    user_id BLOB NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    key_type TEXT NOT NULL,
    -- A key names one person: whoever shows it is known by it.
    fingerprint TEXT NOT NULL,
    public_key TEXT NOT NULL,
    created_at TEXT NOT NULL,
    last_used_at TEXT
) STRICT;
CREATE UNIQUE INDEX ssh_keys_fingerprint_key ON ssh_keys (fingerprint);
CREATE INDEX ssh_keys_user_id_idx ON ssh_keys (user_id, id);
