-- The twin of migrations/postgres/0009_variables.sql.

-- Names and values that workspaces get into their environment; each belongs to one organization, template, user or
-- workspace, and goes with it.
CREATE TABLE variables (
    id BLOB NOT NULL PRIMARY KEY,
    org_id BLOB REFERENCES orgs (id) ON DELETE CASCADE,
    template_id BLOB REFERENCES templates (id) ON DELETE CASCADE,
    user_id BLOB REFERENCES users (id) ON DELETE CASCADE,
    workspace_id BLOB REFERENCES workspaces (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    secret INTEGER NOT NULL CHECK (secret IN (0, 1)),
    -- The value, of those that are not secret too.
    sealed BLOB NOT NULL,
    updated_at TEXT NOT NULL,
    UNIQUE (org_id, name),
    UNIQUE (template_id, name),
    UNIQUE (user_id, name),
    UNIQUE (workspace_id, name),
    CHECK ((org_id IS NOT NULL) + (template_id IS NOT NULL) + (user_id IS NOT NULL) + (workspace_id IS NOT NULL) = 1)
) STRICT;
