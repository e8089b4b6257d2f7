-- The twin of migrations/sqlite/0012_visitors.sql.

-- Whether the component behind an address is told who visits it.
ALTER TABLE routes ADD COLUMN identity boolean NOT NULL DEFAULT FALSE;

-- Keys of what it is told with. Apart from those of access tokens: none of either is ever one of the other.
CREATE TABLE identity_keys (
    id text COLLATE "C" NOT NULL PRIMARY KEY,
    sealed bytea NOT NULL,
    created_at timestamptz NOT NULL
);
