//! Backups: the rows of a database in a form of its own, which either engine writes and either engine reads.
//!
//! A gzip stream of lines, each one JSON value and a newline:
//!
//! ```text
//! {"format":"devsanctum-backup","version":1,"migration":3,"installation":…,"created_at":…,"key_check":…,"tables":[…]}
//! {"table":"users"}
//! ["0190…","ada","ada@example.org",…]          values in the order of the table's columns in the first line
//! {"table":"orgs"}
//! …
//! {"end":{"rows":{"users":1,…},"sha256":…,"mac":…}}
//! ```
//!
//! Ids and texts are strings, bytes are base64, times RFC 3339 with microseconds in UTC, documents are themselves.
//! `sha256` is of all lines before the last one; `mac` is HMAC-SHA-256 of that digest under a key derived from the master
//! key: whoever changes a backup needs the master key too. `key_check` is derived from it as well, and tells a wrong one
//! before anything else is looked at. The master key itself is in no backup.

mod cell;
mod connect;
mod dump;
mod file;
mod format;
mod key;
mod load;
mod reader;
pub mod tables;
mod writer;

use std::{
    collections::BTreeMap,
    io::{BufRead, Write},
};

use chrono::{DateTime, Utc};

use self::{connect::Connected, dump::Dump, load::Load, reader::Reader};
pub use self::{
    connect::Place,
    file::{Destination, Source},
    key::BackupKey,
};
use super::open::known_migration;
use crate::{
    domain::ids::{AuditId, InstallationId, RestoreId},
    ports::repository::StoreError,
};

#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    #[error("this is not a backup of DevSanctum: {0}")]
    NotABackup(String),
    #[error("the backup is damaged: {0}. Nothing was changed; use another copy of it")]
    Damaged(String),
    #[error(
        "the backup has {what} {found}, this program knows up to {known}: restore it with the newer version"
    )]
    Newer { what: &'static str, found: i64, known: i64 },
    #[error("the backup was made with another master key; nothing was changed")]
    WrongKey,
    #[error(
        "the database holds data already ({0}); nothing was changed. To replace all of it with the backup, restore with \
         --replace"
    )]
    NotEmpty(String),
    #[error("there is nothing to back up: {0}")]
    Nothing(String),
    #[error("{0}")]
    Store(#[from] StoreError),
    #[error("{what}: {source}")]
    Io { what: String, source: std::io::Error },
}

/// What a backup holds, for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    pub installation: InstallationId,
    pub created_at: DateTime<Utc>,
    /// By table.
    pub rows: BTreeMap<String, u64>,
}

/// Writes all rows as they are at one moment. The database may be in use.
pub async fn dump<W: Write>(
    place: &Place,
    key: &BackupKey,
    now: DateTime<Utc>,
    out: W,
) -> Result<Summary, BackupError> {
    match place.connect_to_existing().await? {
        Connected::Sqlite(mut connection) => connection.dump(key, now, out).await,
        Connected::Postgres(mut connection) => connection.dump(key, now, out).await,
    }
}

/// Reads a backup to its end and believes nothing of it before.
pub fn verify<R: BufRead>(input: R, key: &BackupKey) -> Result<Summary, BackupError> {
    let mut reader = Reader::open(input, key, known_migration())?;
    while reader.next()?.is_some() {}
    reader.summary()
}

/// What a restore needs besides the backup.
#[derive(Debug, Clone, Copy)]
pub struct Restore {
    /// Replace what is there.
    pub replace: bool,
    pub now: DateTime<Utc>,
    pub id: RestoreId,
    /// Of the entry that tells of it.
    pub audit: AuditId,
}

/// Brings the schema up to date and puts the backup's rows in the place of what is there, all or nothing.
pub async fn restore<R: BufRead>(
    place: &Place,
    key: &BackupKey,
    input: R,
    request: Restore,
) -> Result<Summary, BackupError> {
    // A wrong key or file is told before the database is touched.
    let reader = Reader::open(input, key, known_migration())?;
    match place.connect_migrated().await? {
        Connected::Sqlite(mut connection) => connection.load(reader, request).await,
        Connected::Postgres(mut connection) => connection.load(reader, request).await,
    }
}
