//! What a database's refusal means to the core.

use sqlx::error::{DatabaseError, ErrorKind};

use crate::ports::repository::StoreError;

/// `noun` is what was being written.
pub(super) fn refusal(error: &sqlx::Error, noun: &'static str) -> StoreError {
    let Some(database) = error.as_database_error() else { return StoreError::Unavailable(error.to_string()) };
    match database.kind() {
        ErrorKind::UniqueViolation => StoreError::Taken(taken(&constraint(database))),
        ErrorKind::ForeignKeyViolation => StoreError::Reference(noun),
        _ => StoreError::Unavailable(database.to_string()),
    }
}

/// What people call the columns of a unique constraint. Whatever is not named here is an id.
fn taken(constraint: &str) -> &'static str {
    match constraint {
        "users_username_key" => "username",
        "users_email_key" => "email",
        "identities_provider_subject_key" => "identity",
        "ssh_keys_fingerprint_key" => "SSH key",
        "device_grants_user_code_key" => "user code",
        "orgs_slug_key" => "slug",
        "hosts_name_key"
        | "templates_name_key"
        | "templates_org_id_name_key"
        | "workspaces_org_id_owner_id_name_key"
        | "volumes_workspace_id_name_key" => "name",
        "template_versions_template_id_number_key" => "number",
        "routes_label_key" => "label",
        "route_domains_route_id_host_key" | "route_domains_host_key" => "domain",
        "idempotency_keys_user_id_key_key" => "idempotency key",
        _ => "id",
    }
}

/// PostgreSQL names the constraint. SQLite lists the columns, from which the same name is made.
fn constraint(error: &dyn DatabaseError) -> String {
    if let Some(name) = error.constraint() {
        return name.to_owned();
    }
    let Some(columns) = error.message().strip_prefix("UNIQUE constraint failed: ") else {
        return String::new();
    };
    let mut name = String::new();
    for (position, column) in columns.split(", ").enumerate() {
        let (table, column) = column.split_once('.').unwrap_or(("", column));
        if position == 0 {
            name.push_str(table);
        }
        name.push('_');
        name.push_str(column);
    }
    name + "_key"
}
