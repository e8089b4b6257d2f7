-- The twin of migrations/postgres/0004_accounts.sql.

-- What was mailed to somebody who is not signed in, good for one use; used, the row is gone.
CREATE TABLE account_tokens (
    hash BLOB NOT NULL PRIMARY KEY,
    user_id BLOB NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    purpose TEXT NOT NULL,
    -- The address that it shows to be the user's.
    email TEXT,
    created_at TEXT NOT NULL,
    expires_at TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX account_tokens_user_id_purpose_key ON account_tokens (user_id, purpose);
CREATE INDEX account_tokens_expires_at_idx ON account_tokens (expires_at);

-- One authenticator for each user. It counts once a code of it was shown.
CREATE TABLE second_factors (
    user_id BLOB NOT NULL PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    sealed BLOB NOT NULL,
    created_at TEXT NOT NULL,
    confirmed_at TEXT,
    -- The newest step a code was accepted of: no code is accepted twice.
    last_step INTEGER NOT NULL
) STRICT;

CREATE TABLE recovery_codes (
    user_id BLOB NOT NULL REFERENCES second_factors (user_id) ON DELETE CASCADE,
    hash BLOB NOT NULL,
    PRIMARY KEY (user_id, hash)
) STRICT, WITHOUT ROWID;

CREATE TABLE api_tokens (
    id BLOB NOT NULL PRIMARY KEY,
    user_id BLOB NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    -- Its first characters, so that people recognize it.
    prefix TEXT NOT NULL,
    hash BLOB NOT NULL UNIQUE,
    scopes TEXT NOT NULL,
    created_at TEXT NOT NULL,
    expires_at TEXT,
    last_used_at TEXT,
    last_used_address TEXT
) STRICT;
CREATE INDEX api_tokens_user_id_idx ON api_tokens (user_id, id);

-- Keys that access tokens are signed with; the newest signs, all of them verify.
CREATE TABLE signing_keys (
    id TEXT NOT NULL PRIMARY KEY,
    sealed BLOB NOT NULL,
    created_at TEXT NOT NULL
) STRICT;

-- Devices and networks a user has signed in from, as hashes.
CREATE TABLE known_sign_ins (
    user_id BLOB NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    mark BLOB NOT NULL,
    seen_at TEXT NOT NULL,
    PRIMARY KEY (user_id, mark)
) STRICT, WITHOUT ROWID;
CREATE INDEX known_sign_ins_seen_at_idx ON known_sign_ins (seen_at);
