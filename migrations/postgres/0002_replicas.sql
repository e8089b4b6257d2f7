-- The twin of migrations/sqlite/0002_replicas.sql.

-- Derived from the master key the database was set up with; a server with another key is turned away.
ALTER TABLE installation ADD COLUMN key_check bytea;

-- Servers that may route to workspaces, see docs/adr/0006-routes-across-replicas.md.
CREATE TABLE replicas (
    id uuid NOT NULL PRIMARY KEY,
    -- Grows with every sign of life.
    beats bigint NOT NULL,
    -- Everything up to this revision of the routes is in its table.
    routes_revision bigint NOT NULL,
    started_at timestamptz NOT NULL,
    seen_at timestamptz NOT NULL
);

-- One row: whoever changes routes holds it until the commit, so that revisions become visible in their order.
CREATE TABLE route_counter (
    singleton integer NOT NULL PRIMARY KEY CHECK (singleton = 1),
    last bigint NOT NULL
);
INSERT INTO route_counter (singleton, last) VALUES (1, 0);

-- Whose routes changed with which revision. No foreign key: it is read after the workspace is gone.
CREATE TABLE route_revisions (
    revision bigint NOT NULL PRIMARY KEY,
    workspace_id uuid NOT NULL
);

-- Tries at the door, by a hash of who tries what.
CREATE TABLE attempts (
    key bytea NOT NULL PRIMARY KEY,
    -- Microseconds since 1970: when all tries are forgotten.
    spent_until bigint NOT NULL
);
