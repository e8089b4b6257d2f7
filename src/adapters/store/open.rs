//! Opening: connections with the settings each engine needs, and a schema brought up to date.

use std::{
    fs::OpenOptions,
    path::{Path, PathBuf},
    str::FromStr,
    sync::Arc,
    time::Duration,
};

use sqlx::{
    Connection, Postgres, Sqlite,
    migrate::{MigrateError, Migrator},
    pool::PoolOptions,
    postgres::{PgConnectOptions, PgConnection},
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqliteSynchronous},
};

use super::{changes::Changes, unit_of_work::SqlStore};
use crate::ports::repository::{Store, StoreError, StoreResult};

static SQLITE_MIGRATIONS: Migrator = sqlx::migrate!("migrations/sqlite");
static POSTGRES_MIGRATIONS: Migrator = sqlx::migrate!("migrations/postgres");

/// How long a unit of work waits for a connection, and SQLite for a lock that another process holds.
const PATIENCE: Duration = Duration::from_secs(10);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// No statement of ours is slow; one that is would hold up everybody behind its locks.
const STATEMENT_TIMEOUT: &str = "30s";
/// A server that was paused in the middle of a transaction keeps its locks for no longer than this: less than others wait
/// for an answer ([`super::transaction`]), so that they only notice a delay.
const IDLE_IN_TRANSACTION_TIMEOUT: &str = "5s";
const POSTGRES_CONNECTIONS: u32 = 16;
/// A connection that rested longer is asked whether it still lives before it is used.
const TRUSTED_REST: Duration = Duration::from_secs(5);
const SQLITE_READERS: u32 = 4;

/// The last migration this program has.
pub(super) fn known_migration() -> i64 {
    SQLITE_MIGRATIONS.iter().map(|migration| migration.version).max().unwrap_or_default()
}

/// Opens the database of a `sqlite:` or `postgres:` URL and migrates it.
pub async fn open(url: &str) -> StoreResult<Arc<dyn Store>> {
    match url.split_once(':').map(|(scheme, _)| scheme) {
        Some("sqlite") if url.contains(":memory:") || url.contains("mode=memory") => Err(unavailable(
            "a SQLite database in memory keeps nothing: name a file, as in sqlite:///path/to/file".into(),
        )),
        Some("sqlite") => open_sqlite(sqlite_options(url)?).await,
        Some("postgres" | "postgresql") => {
            let options = PgConnectOptions::from_str(url).map_err(|error| {
                unavailable(format!(
                    "the database URL is not of the form postgres://user:password@host:port/database ({error})"
                ))
            })?;
            open_postgres(options).await
        }
        _ => Err(unavailable("the database URL must begin with sqlite: or postgres:".into())),
    }
}

/// The file of a `sqlite:` URL.
pub fn file_of(url: &str) -> StoreResult<Option<PathBuf>> {
    if !url.starts_with("sqlite:") {
        return Ok(None);
    }
    sqlite_options(url).map(|options| Some(options.get_filename().to_owned()))
}

fn sqlite_options(url: &str) -> StoreResult<SqliteConnectOptions> {
    SqliteConnectOptions::from_str(url).map_err(|error| {
        unavailable(format!("the database URL is not of the form sqlite:///path/to/file ({error})"))
    })
}

/// Opens SQLite in this file, which is made if it is missing; its directory is not.
pub async fn open_file(path: &Path) -> StoreResult<Arc<dyn Store>> {
    open_sqlite(SqliteConnectOptions::new().filename(path)).await
}

async fn open_sqlite(options: SqliteConnectOptions) -> StoreResult<Arc<dyn Store>> {
    let path = options.get_filename().to_owned();
    prepare_file(&path)?;
    let options = options
        .journal_mode(SqliteJournalMode::Wal)
        // What was answered is on the disk, whatever happens to the machine.
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(PATIENCE);
    let pool = || PoolOptions::<Sqlite>::new().acquire_timeout(PATIENCE).test_before_acquire(false);
    let failed = |error: &dyn std::fmt::Display| {
        unavailable(format!(
            "the SQLite database {} cannot be used: {error}. Check that the file and its directory are writable, that \
             the disk is not full, and that the file is a database",
            path.display()
        ))
    };
    let writers: SqlitePool =
        pool().max_connections(1).connect_with(options.clone()).await.map_err(|error| failed(&error))?;
    SQLITE_MIGRATIONS.run(&writers).await.map_err(|error| migration(error, &SQLITE_MIGRATIONS, failed))?;
    let readers =
        pool().max_connections(SQLITE_READERS).connect_lazy_with(options.pragma("query_only", "ON"));
    Ok(Arc::new(SqlStore { writers, readers, changes: Arc::new(Changes::in_process()) }))
}

/// Makes the file so that only its owner reads it (SQLite gives its side files the same mode), and finds out early, in
/// the operating system's words, why it cannot be used.
fn prepare_file(path: &Path) -> StoreResult<()> {
    let mut options = OpenOptions::new();
    options.read(true).append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop).map_err(|error| {
        unavailable(format!(
            "the database file {} cannot be opened for writing: {error}. Make its directory, let this user write to it, \
             or choose another place with DEVSANCTUM_DATA_DIR or DEVSANCTUM_DATABASE_URL",
            path.display()
        ))
    })
}

async fn open_postgres(options: PgConnectOptions) -> StoreResult<Arc<dyn Store>> {
    let options = options.application_name("devsanctum").options([
        ("statement_timeout", STATEMENT_TIMEOUT),
        ("idle_in_transaction_session_timeout", IDLE_IN_TRANSACTION_TIMEOUT),
    ]);
    let name = format!(
        "{} on {}:{} as user {}",
        options.get_database().unwrap_or("the default database"),
        options.get_host(),
        options.get_port(),
        options.get_username()
    );
    let failed = |error: &dyn std::fmt::Display| {
        unavailable(format!(
            "the PostgreSQL database {name} cannot be used: {error}. Check DEVSANCTUM_DATABASE_URL, that the server runs \
             and that the user may create tables there"
        ))
    };
    // Not through the pool, which would try again and again and then tell only that time ran out.
    let connecting = PgConnection::connect_with(&options);
    let mut connection = tokio::time::timeout(CONNECT_TIMEOUT, connecting)
        .await
        .map_err(|_| failed(&"it did not answer in time"))?
        .map_err(|error| failed(&error))?;
    POSTGRES_MIGRATIONS
        .run(&mut connection)
        .await
        .map_err(|error| migration(error, &POSTGRES_MIGRATIONS, failed))?;
    connection.close().await.map_err(|error| failed(&error))?;
    let changes = Arc::new(Changes::notified(options.clone()));
    let pool = PoolOptions::<Postgres>::new()
        .max_connections(POSTGRES_CONNECTIONS)
        .acquire_timeout(PATIENCE)
        .test_before_acquire(false)
        .before_acquire(|connection: &mut PgConnection, rested| {
            Box::pin(async move {
                if rested.idle_for > TRUSTED_REST {
                    connection.ping().await?;
                }
                Ok(true)
            })
        })
        .connect_lazy_with(options);
    Ok(Arc::new(SqlStore { writers: pool.clone(), readers: pool, changes }))
}

fn migration(
    error: MigrateError,
    known: &Migrator,
    failed: impl Fn(&dyn std::fmt::Display) -> StoreError,
) -> StoreError {
    match error {
        MigrateError::VersionMissing(found) => StoreError::Newer {
            found,
            known: known.iter().map(|migration| migration.version).max().unwrap_or_default(),
        },
        error => failed(&error),
    }
}

fn unavailable(reason: String) -> StoreError {
    StoreError::Unavailable(reason)
}
