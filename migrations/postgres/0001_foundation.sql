-- The twin of migrations/sqlite/0001_foundation.sql: same tables, columns, keys and names, in PostgreSQL's types.
-- Constraint and index names end in _key and spell out their columns: a refused write is named after them.
-- Text that lists are ordered by compares byte by byte (COLLATE "C"), as it does in SQLite.

CREATE TABLE installation (
    singleton integer NOT NULL PRIMARY KEY CHECK (singleton = 1),
    id uuid NOT NULL,
    created_at timestamptz NOT NULL,
    setup_at timestamptz
);

CREATE TABLE users (
    id uuid NOT NULL PRIMARY KEY,
    username text COLLATE "C" NOT NULL UNIQUE,
    email text COLLATE "C" NOT NULL UNIQUE,
    display_name text NOT NULL,
    platform_admin boolean NOT NULL,
    password_hash text,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);

CREATE TABLE orgs (
    id uuid NOT NULL PRIMARY KEY,
    slug text COLLATE "C" NOT NULL UNIQUE,
    name text NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);

CREATE TABLE memberships (
    org_id uuid NOT NULL REFERENCES orgs (id) ON DELETE CASCADE,
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    role text NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (org_id, user_id)
);
CREATE INDEX memberships_user_id_idx ON memberships (user_id);

CREATE TABLE sessions (
    id uuid NOT NULL PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    user_agent text NOT NULL,
    address text NOT NULL,
    created_at timestamptz NOT NULL,
    last_used_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    revoked_at timestamptz
);
CREATE INDEX sessions_user_id_idx ON sessions (user_id);

CREATE TABLE refresh_tokens (
    hash bytea NOT NULL PRIMARY KEY,
    session_id uuid NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    issued_at timestamptz NOT NULL,
    used_at timestamptz
);
CREATE INDEX refresh_tokens_session_id_idx ON refresh_tokens (session_id);

CREATE TABLE templates (
    id uuid NOT NULL PRIMARY KEY,
    org_id uuid REFERENCES orgs (id) ON DELETE CASCADE,
    name text COLLATE "C" NOT NULL,
    display_name text NOT NULL,
    description text NOT NULL,
    icon text NOT NULL,
    tags jsonb NOT NULL,
    active_version integer,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);
CREATE UNIQUE INDEX templates_org_id_name_key ON templates (org_id, name);
-- The catalog's own: NULLs are distinct to the index above.
CREATE UNIQUE INDEX templates_name_key ON templates (name) WHERE org_id IS NULL;

CREATE TABLE template_archives (
    digest text COLLATE "C" NOT NULL PRIMARY KEY,
    bytes bytea NOT NULL,
    created_at timestamptz NOT NULL
);

CREATE TABLE template_versions (
    template_id uuid NOT NULL REFERENCES templates (id) ON DELETE CASCADE,
    number integer NOT NULL,
    source text NOT NULL,
    manifest jsonb NOT NULL,
    archive text COLLATE "C" REFERENCES template_archives (digest),
    readme text,
    message text NOT NULL,
    created_by uuid REFERENCES users (id) ON DELETE SET NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT template_versions_template_id_number_key PRIMARY KEY (template_id, number)
);
CREATE INDEX template_versions_archive_idx ON template_versions (archive);

CREATE TABLE hosts (
    id uuid NOT NULL PRIMARY KEY,
    name text COLLATE "C" NOT NULL UNIQUE,
    endpoint text NOT NULL,
    state jsonb NOT NULL,
    cordoned boolean NOT NULL,
    facts jsonb NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);

CREATE TABLE workspaces (
    id uuid NOT NULL PRIMARY KEY,
    short_id text COLLATE "C" NOT NULL UNIQUE,
    name text COLLATE "C" NOT NULL,
    org_id uuid NOT NULL REFERENCES orgs (id),
    owner_id uuid NOT NULL REFERENCES users (id),
    template_id uuid NOT NULL,
    template_version integer NOT NULL,
    host_id uuid NOT NULL REFERENCES hosts (id),
    parameters jsonb NOT NULL,
    desired jsonb NOT NULL,
    generation bigint NOT NULL,
    deployment_id uuid,
    status text COLLATE "C" NOT NULL,
    status_since timestamptz NOT NULL,
    state jsonb NOT NULL,
    components jsonb NOT NULL,
    cpu_millis bigint NOT NULL,
    memory_bytes bigint NOT NULL,
    revision bigint NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    -- When a worker is to look at it; NULL: when somebody asks. A claim takes it away, whoever asks meanwhile sets it.
    due_at timestamptz,
    lease_holder uuid,
    lease_until timestamptz,
    lease_token bigint NOT NULL,
    -- Keeps its template from being removed, until it is destroyed.
    live_template_id uuid GENERATED ALWAYS AS (CASE WHEN status <> 'destroyed' THEN template_id END) STORED
        REFERENCES templates (id)
);
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
    workspace_id uuid NOT NULL PRIMARY KEY REFERENCES workspaces (id) ON DELETE CASCADE,
    sealed bytea NOT NULL
);

CREATE TABLE volumes (
    id uuid NOT NULL PRIMARY KEY,
    workspace_id uuid NOT NULL,
    name text COLLATE "C" NOT NULL,
    docker_name text COLLATE "C" NOT NULL UNIQUE,
    created_at timestamptz NOT NULL,
    kept_at timestamptz,
    -- A kept volume outlives its workspace's row; others go with it.
    live_workspace_id uuid GENERATED ALWAYS AS (CASE WHEN kept_at IS NULL THEN workspace_id END) STORED
        REFERENCES workspaces (id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX volumes_workspace_id_name_key ON volumes (workspace_id, name);
CREATE INDEX volumes_live_workspace_id_idx ON volumes (live_workspace_id);

CREATE TABLE deployments (
    id uuid NOT NULL PRIMARY KEY,
    workspace_id uuid NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
    kind text NOT NULL,
    status text COLLATE "C" NOT NULL,
    generation bigint NOT NULL,
    requested_by uuid REFERENCES users (id) ON DELETE SET NULL,
    created_at timestamptz NOT NULL,
    started_at timestamptz,
    finished_at timestamptz,
    error jsonb,
    -- Number of the last line of its log.
    last_line bigint NOT NULL,
    CHECK ((finished_at IS NULL) = (status IN ('queued', 'running')))
);
CREATE INDEX deployments_workspace_id_idx ON deployments (workspace_id, id);

CREATE TABLE deployment_steps (
    deployment_id uuid NOT NULL REFERENCES deployments (id) ON DELETE CASCADE,
    position integer NOT NULL,
    name text NOT NULL,
    component text,
    status text NOT NULL,
    started_at timestamptz,
    finished_at timestamptz,
    detail text NOT NULL,
    PRIMARY KEY (deployment_id, position)
);

CREATE TABLE deployment_logs (
    deployment_id uuid NOT NULL REFERENCES deployments (id) ON DELETE CASCADE,
    number bigint NOT NULL,
    at timestamptz NOT NULL,
    step text NOT NULL,
    component text,
    stream text NOT NULL,
    text text NOT NULL,
    PRIMARY KEY (deployment_id, number)
);

CREATE TABLE routes (
    id uuid NOT NULL PRIMARY KEY,
    workspace_id uuid NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
    app text COLLATE "C",
    label text COLLATE "C" NOT NULL UNIQUE,
    component text NOT NULL,
    port integer NOT NULL,
    visibility text NOT NULL,
    target jsonb NOT NULL
);
CREATE INDEX routes_workspace_id_idx ON routes (workspace_id);

-- One row: whoever appends events holds it until the commit, so that numbers become visible in their order.
CREATE TABLE event_counter (
    singleton integer NOT NULL PRIMARY KEY CHECK (singleton = 1),
    last bigint NOT NULL
);
INSERT INTO event_counter (singleton, last) VALUES (1, 0);

-- No foreign keys: what happened stays true after what it happened to is gone.
CREATE TABLE events (
    sequence bigint NOT NULL PRIMARY KEY,
    kind text NOT NULL,
    at timestamptz NOT NULL,
    org_id uuid,
    workspace_id uuid,
    deployment_id uuid,
    template_id uuid,
    host_id uuid,
    status text
);
CREATE INDEX events_at_idx ON events (at);

-- No foreign keys, for the same reason.
CREATE TABLE audit_entries (
    id uuid NOT NULL PRIMARY KEY,
    at timestamptz NOT NULL,
    user_id uuid,
    org_id uuid,
    action text COLLATE "C" NOT NULL,
    target text NOT NULL,
    address text NOT NULL,
    detail jsonb NOT NULL
);
CREATE INDEX audit_entries_org_id_idx ON audit_entries (org_id, id);

CREATE TABLE idempotency_keys (
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    key text COLLATE "C" NOT NULL,
    request_hash bytea NOT NULL,
    resource_id uuid NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT idempotency_keys_user_id_key_key PRIMARY KEY (user_id, key)
);
CREATE INDEX idempotency_keys_created_at_idx ON idempotency_keys (created_at);
