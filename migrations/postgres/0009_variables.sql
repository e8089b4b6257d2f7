-- The twin of migrations/sqlite/0009_variables.sql.

-- Names and values that workspaces get into their environment; each belongs to one organization, template, user or
-- workspace, and goes with it.
CREATE TABLE variables (
    id uuid NOT NULL PRIMARY KEY,
    org_id uuid REFERENCES orgs (id) ON DELETE CASCADE,
    template_id uuid REFERENCES templates (id) ON DELETE CASCADE,
    user_id uuid REFERENCES users (id) ON DELETE CASCADE,
    workspace_id uuid REFERENCES workspaces (id) ON DELETE CASCADE,
    name text COLLATE "C" NOT NULL,
    secret boolean NOT NULL,
    -- The value, of those that are not secret too.
    sealed bytea NOT NULL,
    updated_at timestamptz NOT NULL,
    UNIQUE (org_id, name),
    UNIQUE (template_id, name),
    UNIQUE (user_id, name),
    UNIQUE (workspace_id, name),
    CHECK (num_nonnulls(org_id, template_id, user_id, workspace_id) = 1)
);
