-- The twin of migrations/postgres/0002_replicas.sql.

-- Derived from the master key the database was set up with; a server with another key is turned away.
ALTER TABLE installation ADD COLUMN key_check BLOB;

-- Servers that may route to workspaces, see docs/adr/0006-routes-across-replicas.md.
CREATE TABLE replicas (
    id BLOB NOT NULL PRIMARY KEY,
    -- Grows with every sign of life.
    beats INTEGER NOT NULL,
    -- Everything up to this revision of the routes is in its table.
    routes_revision INTEGER NOT NULL,
    started_at TEXT NOT NULL,
    seen_at TEXT NOT NULL
) STRICT;

-- One row: whoever changes routes holds it until the commit, so that revisions become visible in their order.
CREATE TABLE route_counter (
    singleton INTEGER NOT NULL PRIMARY KEY CHECK (singleton = 1),
    last INTEGER NOT NULL
) STRICT;
INSERT INTO route_counter (singleton, last) VALUES (1, 0);

-- Whose routes changed with which revision. No foreign key: it is read after the workspace is gone.
CREATE TABLE route_revisions (
    revision INTEGER NOT NULL PRIMARY KEY,
    workspace_id BLOB NOT NULL
) STRICT;

-- Tries at the door, by a hash of who tries what.
CREATE TABLE attempts (
    key BLOB NOT NULL PRIMARY KEY,
    -- Microseconds since 1970: when all tries are forgotten.
    spent_until INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
