//! Every table and column, in words that both engines share. A test compares this with the real schemas, so that a
//! migration that adds a column fails until its place in backups has been decided here.

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Uuid,
    Bytes,
    Text,
    /// 32 bits.
    Int,
    /// 64 bits.
    Big,
    Bool,
    Time,
    Json,
}

#[derive(Debug, Clone, Copy)]
pub struct Column {
    pub name: &'static str,
    pub kind: Kind,
    pub nullable: bool,
    /// The migration that made it; older backups do not have it, and then it gets the schema's default.
    pub since: i64,
}

#[derive(Debug, Clone, Copy)]
pub struct Table {
    pub name: &'static str,
    /// Without generated columns.
    pub columns: &'static [Column],
    /// What rows are ordered by, so that the same rows always give the same backup.
    pub key: &'static [&'static str],
    pub fate: Fate,
}

/// What becomes of a table's rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// They are in backups, and a restore replaces them.
    Carried,
    /// They are in no backup, and a restore removes them.
    Cleared,
    /// They are of the servers that run, not of what is kept: a restore leaves them.
    Left,
}

impl Table {
    /// The columns a database of this migration has.
    pub fn columns_at(&self, migration: i64) -> impl Iterator<Item = &'static Column> {
        self.columns.iter().filter(move |column| column.since <= migration)
    }
}

const fn column(name: &'static str, kind: Kind) -> Column {
    Column { name, kind, nullable: false, since: 1 }
}

const fn nullable(name: &'static str, kind: Kind) -> Column {
    Column { nullable: true, ..column(name, kind) }
}

const fn since(migration: i64, column: Column) -> Column {
    Column { since: migration, ..column }
}

const fn table(name: &'static str, key: &'static [&'static str], columns: &'static [Column]) -> Table {
    Table { name, columns, key, fate: Fate::Carried }
}

use Kind::{Big, Bool, Bytes, Int, Json, Text, Time, Uuid};

/// What rows refer to comes before them.
pub const TABLES: &[Table] = &[
    table(
        "installation",
        &["singleton"],
        &[
            column("singleton", Int),
            column("id", Uuid),
            column("created_at", Time),
            nullable("setup_at", Time),
            since(2, nullable("key_check", Bytes)),
            since(3, nullable("restore_id", Uuid)),
        ],
    ),
    table(
        "users",
        &["id"],
        &[
            column("id", Uuid),
            column("username", Text),
            column("email", Text),
            column("display_name", Text),
            column("platform_admin", Bool),
            since(5, nullable("suspended_at", Time)),
            nullable("password_hash", Text),
            column("created_at", Time),
            column("updated_at", Time),
        ],
    ),
    table(
        "orgs",
        &["id"],
        &[
            column("id", Uuid),
            column("slug", Text),
            column("name", Text),
            since(11, nullable("max_visibility", Text)),
            since(5, nullable("deleting_since", Time)),
            since(8, nullable("buried_at", Time)),
            column("created_at", Time),
            column("updated_at", Time),
        ],
    ),
    table(
        "memberships",
        &["org_id", "user_id"],
        &[
            column("org_id", Uuid),
            column("user_id", Uuid),
            column("role", Text),
            column("created_at", Time),
            column("updated_at", Time),
        ],
    ),
    table(
        "quotas",
        &["org_id"],
        &[
            since(5, column("org_id", Uuid)),
            since(5, nullable("workspaces", Big)),
            since(5, nullable("running_workspaces", Big)),
            since(5, nullable("cpu_millis", Big)),
            since(5, nullable("memory_bytes", Big)),
            since(5, nullable("disk_bytes", Big)),
            since(5, column("updated_at", Time)),
        ],
    ),
    // Whoever was invited shows a token, and no token survives a restore.
    Table {
        fate: Fate::Cleared,
        ..table(
            "invitations",
            &["id"],
            &[
                since(5, column("id", Uuid)),
                since(5, column("org_id", Uuid)),
                since(5, column("email", Text)),
                since(5, column("role", Text)),
                since(5, column("token_hash", Bytes)),
                since(5, nullable("invited_by", Uuid)),
                since(5, column("created_at", Time)),
                since(5, column("expires_at", Time)),
            ],
        )
    },
    table(
        "second_factors",
        &["user_id"],
        &[
            since(4, column("user_id", Uuid)),
            since(4, column("sealed", Bytes)),
            since(4, column("created_at", Time)),
            since(4, nullable("confirmed_at", Time)),
            since(4, column("last_step", Big)),
        ],
    ),
    table(
        "recovery_codes",
        &["user_id", "hash"],
        &[since(4, column("user_id", Uuid)), since(4, column("hash", Bytes))],
    ),
    table(
        "known_sign_ins",
        &["user_id", "mark"],
        &[
            since(4, column("user_id", Uuid)),
            since(4, column("mark", Bytes)),
            since(4, column("seen_at", Time)),
        ],
    ),
    // Whoever forgot a password asks again.
    Table {
        fate: Fate::Cleared,
        ..table(
            "account_tokens",
            &["hash"],
            &[
                since(4, column("hash", Bytes)),
                since(4, column("user_id", Uuid)),
                since(4, column("purpose", Text)),
                since(4, nullable("email", Text)),
                since(4, column("created_at", Time)),
                since(4, column("expires_at", Time)),
            ],
        )
    },
    // One that was revoked after the backup must not come back to life.
    Table {
        fate: Fate::Cleared,
        ..table(
            "api_tokens",
            &["id"],
            &[
                since(4, column("id", Uuid)),
                since(4, column("user_id", Uuid)),
                since(4, column("name", Text)),
                since(4, column("prefix", Text)),
                since(4, column("hash", Bytes)),
                since(4, column("scopes", Json)),
                since(4, column("created_at", Time)),
                since(4, nullable("expires_at", Time)),
                since(4, nullable("last_used_at", Time)),
                since(4, nullable("last_used_address", Text)),
            ],
        )
    },
    // One that was removed after the backup, with a laptop that was lost, must open nothing again.
    Table {
        fate: Fate::Cleared,
        ..table(
            "ssh_keys",
            &["id"],
            &[
                since(10, column("id", Uuid)),
                since(10, column("user_id", Uuid)),
                since(10, column("name", Text)),
                since(10, column("key_type", Text)),
                since(10, column("fingerprint", Text)),
                since(10, column("public_key", Text)),
                since(10, column("created_at", Time)),
                since(10, nullable("last_used_at", Time)),
            ],
        )
    },
    // Keys are in no backup; servers make new ones.
    Table {
        fate: Fate::Cleared,
        ..table(
            "signing_keys",
            &["id"],
            &[
                since(4, column("id", Text)),
                since(4, column("sealed", Bytes)),
                since(4, column("created_at", Time)),
            ],
        )
    },
    Table {
        fate: Fate::Cleared,
        ..table(
            "identity_keys",
            &["id"],
            &[
                since(12, column("id", Text)),
                since(12, column("sealed", Bytes)),
                since(12, column("created_at", Time)),
            ],
        )
    },
    table(
        "sessions",
        &["id"],
        &[
            column("id", Uuid),
            column("user_id", Uuid),
            column("user_agent", Text),
            column("address", Text),
            column("created_at", Time),
            column("last_used_at", Time),
            column("expires_at", Time),
            nullable("revoked_at", Time),
        ],
    ),
    table(
        "identities",
        &["id"],
        &[
            since(6, column("id", Uuid)),
            since(6, column("user_id", Uuid)),
            since(6, column("provider", Text)),
            since(6, column("subject", Text)),
            since(6, column("label", Text)),
            since(6, column("created_at", Time)),
            since(6, nullable("last_used_at", Time)),
        ],
    ),
    // What is half done is begun again.
    Table {
        fate: Fate::Cleared,
        ..table(
            "handshakes",
            &["state"],
            &[
                since(6, column("state", Bytes)),
                since(6, column("browser", Bytes)),
                since(6, column("provider", Text)),
                since(6, column("secrets", Bytes)),
                since(6, nullable("linking", Uuid)),
                since(6, column("return_to", Text)),
                since(6, column("expires_at", Time)),
            ],
        )
    },
    Table {
        fate: Fate::Cleared,
        ..table(
            "device_grants",
            &["device"],
            &[
                since(6, column("device", Bytes)),
                since(6, column("user_code", Text)),
                since(6, column("client_name", Text)),
                since(6, column("address", Text)),
                since(6, column("created_at", Time)),
                since(6, column("expires_at", Time)),
                since(6, nullable("polled_at", Time)),
                since(6, nullable("decided_by", Uuid)),
                since(6, column("approved", Bool)),
            ],
        )
    },
    // No token survives a restore, so none is carried about in files.
    Table {
        fate: Fate::Cleared,
        ..table(
            "refresh_tokens",
            &["hash"],
            &[
                column("hash", Bytes),
                column("session_id", Uuid),
                column("issued_at", Time),
                nullable("used_at", Time),
            ],
        )
    },
    table(
        "templates",
        &["id"],
        &[
            column("id", Uuid),
            nullable("org_id", Uuid),
            column("name", Text),
            column("display_name", Text),
            column("description", Text),
            column("icon", Text),
            column("tags", Json),
            nullable("active_version", Int),
            column("created_at", Time),
            column("updated_at", Time),
        ],
    ),
    table(
        "template_archives",
        &["digest"],
        &[column("digest", Text), column("bytes", Bytes), column("created_at", Time)],
    ),
    table(
        "template_versions",
        &["template_id", "number"],
        &[
            column("template_id", Uuid),
            column("number", Int),
            column("source", Text),
            column("manifest", Json),
            nullable("archive", Text),
            nullable("readme", Text),
            column("message", Text),
            nullable("created_by", Uuid),
            column("created_at", Time),
        ],
    ),
    table(
        "hosts",
        &["id"],
        &[
            column("id", Uuid),
            column("name", Text),
            column("endpoint", Text),
            column("state", Json),
            column("cordoned", Bool),
            column("facts", Json),
            since(3, column("unexplained", Json)),
            column("created_at", Time),
            column("updated_at", Time),
        ],
    ),
    table(
        "workspaces",
        &["id"],
        &[
            column("id", Uuid),
            column("short_id", Text),
            column("name", Text),
            column("org_id", Uuid),
            column("owner_id", Uuid),
            column("template_id", Uuid),
            column("template_version", Int),
            column("host_id", Uuid),
            column("parameters", Json),
            column("desired", Json),
            column("generation", Big),
            since(3, column("seen_generation", Big)),
            since(3, column("restored", Bool)),
            nullable("deployment_id", Uuid),
            column("status", Text),
            column("status_since", Time),
            column("state", Json),
            column("components", Json),
            column("cpu_millis", Big),
            column("memory_bytes", Big),
            since(5, column("disk_bytes", Big)),
            column("revision", Big),
            column("created_at", Time),
            column("updated_at", Time),
            nullable("due_at", Time),
            nullable("lease_holder", Uuid),
            nullable("lease_until", Time),
            column("lease_token", Big),
        ],
    ),
    table(
        "variables",
        &["id"],
        &[
            since(9, column("id", Uuid)),
            since(9, nullable("org_id", Uuid)),
            since(9, nullable("template_id", Uuid)),
            since(9, nullable("user_id", Uuid)),
            since(9, nullable("workspace_id", Uuid)),
            since(9, column("name", Text)),
            since(9, column("secret", Bool)),
            since(9, column("sealed", Bytes)),
            since(9, column("updated_at", Time)),
        ],
    ),
    table("workspace_specs", &["workspace_id"], &[column("workspace_id", Uuid), column("sealed", Bytes)]),
    table(
        "volumes",
        &["id"],
        &[
            column("id", Uuid),
            column("workspace_id", Uuid),
            column("name", Text),
            column("docker_name", Text),
            column("created_at", Time),
            nullable("kept_at", Time),
            since(3, nullable("made_at", Time)),
        ],
    ),
    table(
        "deployments",
        &["id"],
        &[
            column("id", Uuid),
            column("workspace_id", Uuid),
            column("kind", Text),
            column("status", Text),
            column("generation", Big),
            nullable("requested_by", Uuid),
            column("created_at", Time),
            nullable("started_at", Time),
            nullable("finished_at", Time),
            nullable("error", Json),
            column("last_line", Big),
        ],
    ),
    table(
        "deployment_steps",
        &["deployment_id", "position"],
        &[
            column("deployment_id", Uuid),
            column("position", Int),
            column("name", Text),
            nullable("component", Text),
            column("status", Text),
            nullable("started_at", Time),
            nullable("finished_at", Time),
            column("detail", Text),
        ],
    ),
    table(
        "deployment_logs",
        &["deployment_id", "number"],
        &[
            column("deployment_id", Uuid),
            column("number", Big),
            column("at", Time),
            column("step", Text),
            nullable("component", Text),
            column("stream", Text),
            column("text", Text),
        ],
    ),
    table(
        "routes",
        &["id"],
        &[
            column("id", Uuid),
            column("workspace_id", Uuid),
            nullable("app", Text),
            column("label", Text),
            column("component", Text),
            column("port", Int),
            column("visibility", Text),
            since(12, column("identity", Bool)),
            column("target", Json),
        ],
    ),
    table(
        "route_domains",
        &["id"],
        &[
            since(13, column("id", Uuid)),
            since(13, column("route_id", Uuid)),
            since(13, column("host", Text)),
            since(13, column("token", Text)),
            since(13, column("created_at", Time)),
            since(13, nullable("checked_at", Time)),
            since(13, nullable("verified_at", Time)),
            since(13, nullable("failure", Text)),
        ],
    ),
    table("event_counter", &["singleton"], &[column("singleton", Int), column("last", Big)]),
    table(
        "events",
        &["sequence"],
        &[
            column("sequence", Big),
            column("kind", Text),
            column("at", Time),
            nullable("org_id", Uuid),
            nullable("workspace_id", Uuid),
            nullable("deployment_id", Uuid),
            nullable("template_id", Uuid),
            nullable("host_id", Uuid),
            nullable("status", Text),
        ],
    ),
    table(
        "audit_entries",
        &["id"],
        &[
            column("id", Uuid),
            column("at", Time),
            nullable("user_id", Uuid),
            nullable("org_id", Uuid),
            column("action", Text),
            since(5, column("via", Text)),
            column("target", Text),
            since(5, nullable("target_name", Text)),
            column("address", Text),
            column("detail", Json),
        ],
    ),
    table(
        "idempotency_keys",
        &["user_id", "key"],
        &[
            column("user_id", Uuid),
            column("key", Text),
            column("request_hash", Bytes),
            column("resource_id", Uuid),
            column("created_at", Time),
        ],
    ),
    // Who serves the database at the moment.
    Table {
        fate: Fate::Left,
        ..table(
            "replicas",
            &["id"],
            &[
                since(2, column("id", Uuid)),
                since(2, column("beats", Big)),
                since(2, column("routes_revision", Big)),
                since(2, column("started_at", Time)),
                since(2, column("seen_at", Time)),
            ],
        )
    },
    // A restore counts it up: whoever follows routes sees that it missed something, and reads them all.
    Table {
        fate: Fate::Left,
        ..table(
            "route_counter",
            &["singleton"],
            &[since(2, column("singleton", Int)), since(2, column("last", Big))],
        )
    },
    Table {
        fate: Fate::Cleared,
        ..table(
            "route_revisions",
            &["revision"],
            &[since(2, column("revision", Big)), since(2, column("workspace_id", Uuid))],
        )
    },
    // Whoever tries passwords gains nothing by a restore.
    Table {
        fate: Fate::Left,
        ..table("attempts", &["key"], &[since(2, column("key", Bytes)), since(2, column("spent_until", Big))])
    },
];
