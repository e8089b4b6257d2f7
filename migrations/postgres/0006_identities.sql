-- The twin of migrations/sqlite/0006_identities.sql.

-- Accounts elsewhere that open a user's account here.
CREATE TABLE identities (
    id uuid NOT NULL PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    provider text NOT NULL,
    -- The provider's own name of the account.
    subject text NOT NULL,
    label text NOT NULL,
    created_at timestamptz NOT NULL,
    last_used_at timestamptz,
    CONSTRAINT identities_provider_subject_key UNIQUE (provider, subject)
);
CREATE INDEX identities_user_id_idx ON identities (user_id);

-- Sign-ins that went out to a provider and have not come back. Each is taken once.
CREATE TABLE handshakes (
    state bytea NOT NULL PRIMARY KEY,
    browser bytea NOT NULL,
    provider text NOT NULL,
    secrets bytea NOT NULL,
    linking uuid REFERENCES users (id) ON DELETE CASCADE,
    return_to text NOT NULL,
    expires_at timestamptz NOT NULL
);
CREATE INDEX handshakes_linking_idx ON handshakes (linking);
CREATE INDEX handshakes_expires_at_idx ON handshakes (expires_at);

-- Command lines that wait for somebody to let them in from a browser (RFC 8628).
CREATE TABLE device_grants (
    device bytea NOT NULL PRIMARY KEY,
    user_code text NOT NULL UNIQUE,
    client_name text NOT NULL,
    address text NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    polled_at timestamptz,
    decided_by uuid REFERENCES users (id) ON DELETE CASCADE,
    approved boolean NOT NULL
);
CREATE INDEX device_grants_decided_by_idx ON device_grants (decided_by);
CREATE INDEX device_grants_expires_at_idx ON device_grants (expires_at);

-- Whoever signs in from elsewhere is met by the invitations to their address.
CREATE INDEX invitations_email_idx ON invitations (email);
