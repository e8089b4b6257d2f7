-- The twin of migrations/postgres/0013_route_domains.sql.

-- Host names that people bring along: what routes claim, and what was shown to be theirs.
CREATE TABLE route_domains (
    id BLOB NOT NULL PRIMARY KEY,
    route_id BLOB NOT NULL REFERENCES routes (id) ON DELETE CASCADE,
    host TEXT NOT NULL,
    -- What the proof has to say.
    token TEXT NOT NULL,
    created_at TEXT NOT NULL,
    checked_at TEXT,
    -- NULL: only claimed.
    verified_at TEXT,
    -- Why it is not verified.
    failure TEXT
) STRICT;
CREATE UNIQUE INDEX route_domains_route_id_host_key ON route_domains (route_id, host);
-- Many may claim a name; it leads to one of them.
CREATE UNIQUE INDEX route_domains_host_key ON route_domains (host) WHERE verified_at IS NOT NULL;
CREATE INDEX route_domains_created_at_idx ON route_domains (created_at);
