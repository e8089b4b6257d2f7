-- The twin of migrations/postgres/0012_visitors.sql.

-- Whether the component behind an address is told who visits it.
ALTER TABLE routes ADD COLUMN identity INTEGER NOT NULL DEFAULT 0 CHECK (identity IN (0, 1));

-- Keys of what it is told with. Apart from those of access tokens: none of either is ever one of the other.
CREATE TABLE identity_keys (
    id TEXT NOT NULL PRIMARY KEY,
    sealed BLOB NOT NULL,
    created_at TEXT NOT NULL
) STRICT;
