-- The twin of migrations/sqlite/0004_accounts.sql.

-- What was mailed to somebody who is not signed in, good for one use; used, the row is gone.
CREATE TABLE account_tokens (
    hash bytea NOT NULL PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    purpose text COLLATE "C" NOT NULL,
    -- The address that it shows to be the user's.
    email text COLLATE "C",
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL
);
CREATE UNIQUE INDEX account_tokens_user_id_purpose_key ON account_tokens (user_id, purpose);
CREATE INDEX account_tokens_expires_at_idx ON account_tokens (expires_at);

-- One authenticator for each user. It counts once a code of it was shown.
CREATE TABLE second_factors (
    user_id uuid NOT NULL PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    sealed bytea NOT NULL,
    created_at timestamptz NOT NULL,
    confirmed_at timestamptz,
    -- The newest step a code was accepted of: no code is accepted twice.
    last_step bigint NOT NULL
);

CREATE TABLE recovery_codes (
    user_id uuid NOT NULL REFERENCES second_factors (user_id) ON DELETE CASCADE,
    hash bytea NOT NULL,
    PRIMARY KEY (user_id, hash)
);

CREATE TABLE api_tokens (
    id uuid NOT NULL PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    name text NOT NULL,
    -- Its first characters, so that people recognize it.
    prefix text NOT NULL,
    hash bytea NOT NULL UNIQUE,
    scopes jsonb NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz,
    last_used_at timestamptz,
    last_used_address text
);
CREATE INDEX api_tokens_user_id_idx ON api_tokens (user_id, id);

-- Keys that access tokens are signed with; the newest signs, all of them verify.
CREATE TABLE signing_keys (
    id text COLLATE "C" NOT NULL PRIMARY KEY,
    sealed bytea NOT NULL,
    created_at timestamptz NOT NULL
);

-- Devices and networks a user has signed in from, as hashes.
CREATE TABLE known_sign_ins (
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    mark bytea NOT NULL,
    seen_at timestamptz NOT NULL,
    PRIMARY KEY (user_id, mark)
);
CREATE INDEX known_sign_ins_seen_at_idx ON known_sign_ins (seen_at);
