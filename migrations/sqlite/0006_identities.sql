-- The twin of migrations/postgres/0006_identities.sql.

-- Accounts elsewhere that open a user's account here.
CREATE TABLE identities (
    id BLOB NOT NULL PRIMARY KEY,
    user_id BLOB NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    provider TEXT NOT NULL,
    -- The provider's own name of the account.
    subject TEXT NOT NULL,
    label TEXT NOT NULL,
    created_at TEXT NOT NULL,
    last_used_at TEXT,
    CONSTRAINT identities_provider_subject_key UNIQUE (provider, subject)
) STRICT;
CREATE INDEX identities_user_id_idx ON identities (user_id);

-- Sign-ins that went out to a provider and have not come back. Each is taken once.
CREATE TABLE handshakes (
    state BLOB NOT NULL PRIMARY KEY,
    browser BLOB NOT NULL,
    provider TEXT NOT NULL,
    secrets BLOB NOT NULL,
    linking BLOB REFERENCES users (id) ON DELETE CASCADE,
    return_to TEXT NOT NULL,
    expires_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX handshakes_linking_idx ON handshakes (linking);
CREATE INDEX handshakes_expires_at_idx ON handshakes (expires_at);

-- Command lines that wait for somebody to let them in from a browser (RFC 8628).
CREATE TABLE device_grants (
    device BLOB NOT NULL PRIMARY KEY,
    user_code TEXT NOT NULL UNIQUE,
    client_name TEXT NOT NULL,
    address TEXT NOT NULL,
    created_at TEXT NOT NULL,
    expires_at TEXT NOT NULL,
    polled_at TEXT,
    decided_by BLOB REFERENCES users (id) ON DELETE CASCADE,
    approved INTEGER NOT NULL CHECK (approved IN (0, 1))
) STRICT, WITHOUT ROWID;
CREATE INDEX device_grants_decided_by_idx ON device_grants (decided_by);
CREATE INDEX device_grants_expires_at_idx ON device_grants (expires_at);

-- Whoever signs in from elsewhere is met by the invitations to their address.
CREATE INDEX invitations_email_idx ON invitations (email);
