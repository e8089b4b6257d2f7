//! One connection to a database: as it is, or brought up to date.

use std::{path::PathBuf, str::FromStr, time::Duration};

use sqlx::{
    ConnectOptions, PgConnection, SqliteConnection,
    postgres::PgConnectOptions,
    sqlite::{SqliteConnectOptions, SqliteJournalMode},
};

use super::BackupError;
use crate::{
    adapters::store::open::{open, open_file},
    domain::secret::Secret,
    ports::repository::StoreError,
};

/// For a lock that a server holds.
const PATIENCE: Duration = Duration::from_secs(30);

/// Where a database is.
#[derive(Debug, Clone)]
pub enum Place {
    /// SQLite.
    File(PathBuf),
    /// `sqlite:` or `postgres:`.
    Url(Secret),
}

pub(super) enum Connected {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

impl Place {
    /// Neither makes nor changes anything.
    pub(super) async fn connect_to_existing(&self) -> Result<Connected, BackupError> {
        if let Some(options) = self.sqlite()? {
            let path = options.get_filename().to_owned();
            if !path.exists() {
                return Err(BackupError::Nothing(format!("there is no database {}", path.display())));
            }
            let options = options.create_if_missing(false).pragma("query_only", "ON");
            return Ok(Connected::Sqlite(options.connect().await.map_err(unavailable)?));
        }
        self.connect().await
    }

    /// Makes the database if it is missing, and runs migrations.
    pub(super) async fn connect_migrated(&self) -> Result<Connected, BackupError> {
        match self {
            Place::File(path) => open_file(path).await?,
            Place::Url(url) => open(url.expose()).await?,
        };
        self.connect().await
    }

    async fn connect(&self) -> Result<Connected, BackupError> {
        match (self.sqlite()?, self) {
            (Some(options), _) => {
                let options = options.journal_mode(SqliteJournalMode::Wal).foreign_keys(true);
                Ok(Connected::Sqlite(options.connect().await.map_err(unavailable)?))
            }
            (None, Place::Url(url)) => {
                let options = PgConnectOptions::from_str(url.expose()).map_err(unavailable)?;
                let options = options.application_name("devsanctum backup");
                Ok(Connected::Postgres(options.connect().await.map_err(unavailable)?))
            }
            (None, Place::File(_)) => unreachable!("a file is SQLite"),
        }
    }

    fn sqlite(&self) -> Result<Option<SqliteConnectOptions>, BackupError> {
        let options = match self {
            Place::File(path) => SqliteConnectOptions::new().filename(path),
            Place::Url(url) if url.expose().starts_with("sqlite:") => {
                SqliteConnectOptions::from_str(url.expose()).map_err(unavailable)?
            }
            Place::Url(_) => return Ok(None),
        };
        Ok(Some(options.busy_timeout(PATIENCE)))
    }
}

fn unavailable(error: sqlx::Error) -> BackupError {
    BackupError::Store(StoreError::Unavailable(error.to_string()))
}
