-- The twin of migrations/sqlite/0010_ssh_keys.sql.

-- The public halves of the keys with which people enter their workspaces.
CREATE TABLE ssh_keys (
    id uuid NOT NULL PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    name text NOT NULL,
    key_type text COLLATE "C" NOT NULL,
    -- A key names one person: whoever shows it is known by it.
    fingerprint text COLLATE "C" NOT NULL,
    public_key text COLLATE "C" NOT NULL,
    created_at timestamptz NOT NULL,
    last_used_at timestamptz
);
CREATE UNIQUE INDEX ssh_keys_fingerprint_key ON ssh_keys (fingerprint);
CREATE INDEX ssh_keys_user_id_idx ON ssh_keys (user_id, id);
