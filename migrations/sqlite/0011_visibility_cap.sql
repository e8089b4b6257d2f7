-- The twin of migrations/postgres/0011_visibility_cap.sql.

-- The widest visibility that addresses of its workspaces may have; NULL: any.
ALTER TABLE orgs ADD COLUMN max_visibility TEXT
    CHECK (max_visibility IN ('private', 'organization', 'authenticated', 'public'));
