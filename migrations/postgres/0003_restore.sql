-- The twin of migrations/sqlite/0003_restore.sql.

-- Changes with every restore from a backup: by it a running server notices.
ALTER TABLE installation ADD COLUMN restore_id uuid;

-- What carries our label on the host and no row explains.
ALTER TABLE hosts ADD COLUMN unexplained jsonb NOT NULL DEFAULT '{}';

-- The newest generation a host has shown that no row explained.
ALTER TABLE workspaces ADD COLUMN seen_generation bigint NOT NULL DEFAULT 0;
-- Came from a backup, and nobody has compared it with its host since.
ALTER TABLE workspaces ADD COLUMN restored boolean NOT NULL DEFAULT FALSE;

-- Since when it is known to exist on the host: from then on, its absence is a loss.
ALTER TABLE volumes ADD COLUMN made_at timestamptz;
UPDATE volumes SET made_at = created_at
    WHERE workspace_id IN (SELECT id FROM workspaces WHERE status = 'running');
