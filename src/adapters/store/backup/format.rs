//! The lines that are not rows.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::domain::ids::InstallationId;

pub(super) const FORMAT: &str = "devsanctum-backup";
/// Grows when an older program could not read what a newer one writes.
pub(super) const VERSION: i64 = 1;

/// The first line.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Header {
    pub format: String,
    pub version: i64,
    /// Version of the program that wrote it.
    pub program: String,
    /// The last migration of the database it was made from.
    pub migration: i64,
    pub installation: InstallationId,
    pub created_at: DateTime<Utc>,
    pub key_check: String,
    pub tables: Vec<HeaderTable>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct HeaderTable {
    pub name: String,
    pub columns: Vec<String>,
}

/// Lines between rows.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Mark {
    /// Rows of this table follow.
    Table(String),
    End(Trailer),
}

/// The last line.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Trailer {
    pub rows: BTreeMap<String, u64>,
    pub sha256: String,
    pub mac: String,
}
