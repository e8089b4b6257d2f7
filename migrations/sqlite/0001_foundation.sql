-- The twin of migrations/postgres/0001_foundation.sql: same tables, columns, keys and names, in SQLite's types:
-- ids are 16 bytes, times RFC 3339 text in UTC (which sorts as time does), JSON is text, booleans are 0 and 1.

CREATE TABLE installation (
    singleton INTEGER NOT NULL PRIMARY KEY CHECK (singleton = 1),
    id BLOB NOT NULL,
    created_at TEXT NOT NULL,
    setup_at TEXT
) STRICT;

CREATE TABLE users (
    id BLOB NOT NULL PRIMARY KEY,
    username TEXT NOT NULL UNIQUE,
    email TEXT NOT NULL UNIQUE,
    display_name TEXT NOT NULL,
    platform_admin INTEGER NOT NULL CHECK (platform_admin IN (0, 1)),
    password_hash TEXT,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
) STRICT;

CREATE TABLE orgs (
    id BLOB NOT NULL PRIMARY KEY,
    slug TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
) STRICT;

CREATE TABLE memberships (
    org_id BLOB NOT NULL REFERENCES orgs (id) ON DELETE CASCADE,
    user_id BLOB NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    role TEXT NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    PRIMARY KEY (org_id, user_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX memberships_user_id_idx ON memberships (user_id);

CREATE TABLE sessions (
    id BLOB NOT NULL PRIMARY KEY,
    user_id BLOB NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    user_agent TEXT NOT NULL,
    address TEXT NOT NULL,
    created_at TEXT NOT NULL,
    last_used_at TEXT NOT NULL,
    expires_at TEXT NOT NULL,
    revoked_at TEXT
) STRICT;
CREATE INDEX sessions_user_id_idx ON sessions (user_id);

CREATE TABLE refresh_tokens (
    hash BLOB NOT NULL PRIMARY KEY,
    session_id BLOB NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    issued_at TEXT NOT NULL,
    used_at TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX refresh_tokens_session_id_idx ON refresh_tokens (session_id);

CREATE TABLE templates (
    id BLOB NOT NULL PRIMARY KEY,
    org_id BLOB REFERENCES orgs (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    display_name TEXT NOT NULL,
    description TEXT NOT NULL,
    icon TEXT NOT NULL,
    tags TEXT NOT NULL,
    active_version INTEGER,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX templates_org_id_name_key ON templates (org_id, name);
-- The catalog's own: NULLs are distinct to the index above.
CREATE UNIQUE INDEX templates_name_key ON templates (name) WHERE org_id IS NULL;

CREATE TABLE template_archives (
    digest TEXT NOT NULL PRIMARY KEY,
    bytes BLOB NOT NULL,
    created_at TEXT NOT NULL
) STRICT;

CREATE TABLE template_versions (
    template_id BLOB NOT NULL REFERENCES templates (id) ON DELETE CASCADE,
    number INTEGER NOT NULL,
    source TEXT NOT NULL,
    manifest TEXT NOT NULL,
    archive TEXT REFERENCES template_archives (digest),
    readme TEXT,
    message TEXT NOT NULL,
    created_by BLOB REFERENCES users (id) ON DELETE SET NULL,
    created_at TEXT NOT NULL,
    CONSTRAINT template_versions_template_id_number_key PRIMARY KEY (template_id, number)
) STRICT;
CREATE INDEX template_versions_archive_idx ON template_versions (archive);

CREATE TABLE hosts (
    id BLOB NOT NULL PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    endpoint TEXT NOT NULL,
    state TEXT NOT NULL,
    cordoned INTEGER NOT NULL CHECK (cordoned IN (0, 1)),
    facts TEXT NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
) STRICT;

CREATE TABLE workspaces (
    id BLOB NOT NULL PRIMARY KEY,
    short_id TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    org_id BLOB NOT NULL REFERENCES orgs (id),
    owner_id BLOB NOT NULL REFERENCES users (id),
    template_id BLOB NOT NULL,
    template_version INTEGER NOT NULL,
    host_id BLOB NOT NULL REFERENCES hosts (id),
    parameters TEXT NOT NULL,
    desired TEXT NOT NULL,
    generation INTEGER NOT NULL,
    deployment_id BLOB,
    status TEXT NOT NULL,
    status_since TEXT NOT NULL,
    state TEXT NOT NULL,
    components TEXT NOT NULL,
    cpu_millis INTEGER NOT NULL,
    memory_bytes INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    -- When a worker is to look at it; NULL: when somebody asks. A claim takes it away, whoever asks meanwhile sets it.
    due_at TEXT,
    lease_holder BLOB,
    lease_until TEXT,
    lease_token INTEGER NOT NULL,
    -- Keeps its template from being removed, until it is destroyed.
    live_template_id BLOB GENERATED ALWAYS AS (CASE WHEN status <> 'destroyed' THEN template_id END) STORED
        REFERENCES templates (id)
) STRICT;
CREATE UNIQUE INDEX workspaces_org_id_owner_id_name_key ON workspaces (org_id, owner_id, name)
    WHERE status <> 'destroyed';
CREATE INDEX workspaces_org_id_idx ON workspaces (org_id, id);
CREATE INDEX workspaces_owner_id_idx ON workspaces (owner_id, id);
CREATE INDEX workspaces_host_id_idx ON workspaces (host_id, id);
CREATE INDEX workspaces_status_idx ON workspaces (status);
CREATE INDEX workspaces_live_template_id_idx ON workspaces (live_template_id);
CREATE INDEX workspaces_due_at_idx ON workspaces (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX workspaces_lease_until_idx ON workspaces (lease_until) WHERE lease_until IS NOT NULL;

-- Apart from its workspace, whose row is written with every step.
CREATE TABLE workspace_specs (
    workspace_id BLOB NOT NULL PRIMARY KEY REFERENCES workspaces (id) ON DELETE CASCADE,
    sealed BLOB NOT NULL
) STRICT;

CREATE TABLE volumes (
    id BLOB NOT NULL PRIMARY KEY,
    workspace_id BLOB NOT NULL,
    name TEXT NOT NULL,
    docker_name TEXT NOT NULL UNIQUE,
    created_at TEXT NOT NULL,
    kept_at TEXT,
    -- A kept volume outlives its workspace's row; others go with it.
    live_workspace_id BLOB GENERATED ALWAYS AS (CASE WHEN kept_at IS NULL THEN workspace_id END) STORED
        REFERENCES workspaces (id) ON DELETE CASCADE
) STRICT;
CREATE UNIQUE INDEX volumes_workspace_id_name_key ON volumes (workspace_id, name);
CREATE INDEX volumes_live_workspace_id_idx ON volumes (live_workspace_id);

CREATE TABLE deployments (
    id BLOB NOT NULL PRIMARY KEY,
    workspace_id BLOB NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    status TEXT NOT NULL,
    generation INTEGER NOT NULL,
    requested_by BLOB REFERENCES users (id) ON DELETE SET NULL,
    created_at TEXT NOT NULL,
    started_at TEXT,
    finished_at TEXT,
    error TEXT,
    -- Number of the last line of its log.
    last_line INTEGER NOT NULL,
    CHECK ((finished_at IS NULL) = (status IN ('queued', 'running')))
) STRICT;
CREATE INDEX deployments_workspace_id_idx ON deployments (workspace_id, id);

CREATE TABLE deployment_steps (
    deployment_id BLOB NOT NULL REFERENCES deployments (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    name TEXT NOT NULL,
    component TEXT,
    status TEXT NOT NULL,
    started_at TEXT,
    finished_at TEXT,
    detail TEXT NOT NULL,
    PRIMARY KEY (deployment_id, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE deployment_logs (
    deployment_id BLOB NOT NULL REFERENCES deployments (id) ON DELETE CASCADE,
    number INTEGER NOT NULL,
    at TEXT NOT NULL,
    step TEXT NOT NULL,
    component TEXT,
    stream TEXT NOT NULL,
    text TEXT NOT NULL,
    PRIMARY KEY (deployment_id, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE routes (
    id BLOB NOT NULL PRIMARY KEY,
    workspace_id BLOB NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
    app TEXT,
    label TEXT NOT NULL UNIQUE,
    component TEXT NOT NULL,
    port INTEGER NOT NULL,
    visibility TEXT NOT NULL,
    target TEXT NOT NULL
) STRICT;
CREATE INDEX routes_workspace_id_idx ON routes (workspace_id);

-- One row: whoever appends events holds it until the commit, so that numbers become visible in their order.
CREATE TABLE event_counter (
    singleton INTEGER NOT NULL PRIMARY KEY CHECK (singleton = 1),
    last INTEGER NOT NULL
) STRICT;
INSERT INTO event_counter (singleton, last) VALUES (1, 0);

-- No foreign keys: what happened stays true after what it happened to is gone.
CREATE TABLE events (
    sequence INTEGER NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    at TEXT NOT NULL,
    org_id BLOB,
    workspace_id BLOB,
    deployment_id BLOB,
    template_id BLOB,
    host_id BLOB,
    status TEXT
) STRICT;
CREATE INDEX events_at_idx ON events (at);

-- No foreign keys, for the same reason.
CREATE TABLE audit_entries (
    id BLOB NOT NULL PRIMARY KEY,
    at TEXT NOT NULL,
    user_id BLOB,
    org_id BLOB,
    action TEXT NOT NULL,
    target TEXT NOT NULL,
    address TEXT NOT NULL,
    detail TEXT NOT NULL
) STRICT;
CREATE INDEX audit_entries_org_id_idx ON audit_entries (org_id, id);

CREATE TABLE idempotency_keys (
    user_id BLOB NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    key TEXT NOT NULL,
    request_hash BLOB NOT NULL,
    resource_id BLOB NOT NULL,
    created_at TEXT NOT NULL,
    CONSTRAINT idempotency_keys_user_id_key_key PRIMARY KEY (user_id, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX idempotency_keys_created_at_idx ON idempotency_keys (created_at);
