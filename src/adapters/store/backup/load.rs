//! From a backup into a database, in one transaction; and what must be put right in a database that was elsewhere
//! meanwhile.

use std::{io::BufRead, time::Duration};

use serde_json::json;
use sqlx::{PgConnection, QueryBuilder, SqliteConnection, types::Json};
use uuid::Uuid;

use super::{
    BackupError, Restore, Summary,
    cell::{Cell, Cells},
    reader::Reader,
    tables::{Column, Fate, TABLES, Table},
};
use crate::{
    adapters::store::{column::Document, dialect::Dialect, refusal::refusal},
    domain::{audit::Via, route::RouteTarget, workspace::State},
    ports::repository::StoreError,
};

/// Rows and bytes that one statement inserts at most.
const BATCH_ROWS: usize = 200;
const BATCH_BYTES: usize = 4 * 1024 * 1024;
/// A database that was lost may have given out more numbers than the backup and this database know of. Clients that ask
/// for what follows a number of that time must not skip anything.
const EVENTS_LEAP: i64 = 1_000_000;
/// For the turn to write, against servers that write too.
const TRIES: usize = 20;
const BETWEEN_TRIES: Duration = Duration::from_millis(250);

type SqlResult<T> = Result<T, sqlx::Error>;

/// Numbers that must never be given out again.
#[derive(Debug, Clone, Copy)]
struct HighWater {
    event: i64,
    token: i64,
    revision: i64,
}

impl HighWater {
    fn above(self, other: Self) -> Self {
        Self {
            event: self.event.max(other.event) + EVENTS_LEAP,
            token: self.token.max(other.token) + 1,
            revision: self.revision.max(other.revision) + 1,
        }
    }
}

/// Rows of one table that wait to be inserted.
#[derive(Default)]
struct Batch {
    table: Option<&'static Table>,
    columns: Vec<&'static Column>,
    rows: Vec<Vec<Cell>>,
    bytes: usize,
}

impl Batch {
    fn is_full(&self) -> bool {
        self.rows.len() >= BATCH_ROWS || self.bytes >= BATCH_BYTES
    }
}

fn failed(error: &sqlx::Error) -> BackupError {
    match refusal(error, "row") {
        StoreError::Taken(what) => BackupError::Damaged(format!("two rows have the same {what}")),
        StoreError::Reference(_) => BackupError::Damaged("a row refers to one that is not there".into()),
        other => other.into(),
    }
}

/// Tables whose rows go.
fn replaced() -> impl DoubleEndedIterator<Item = &'static Table> {
    TABLES.iter().filter(|table| table.fate != Fate::Left)
}

/// What shuts out everybody else who writes, once the transaction has begun.
trait Turn: Dialect {
    fn take() -> Vec<String>;
}

impl Turn for sqlx::Sqlite {
    /// There is one writer.
    fn take() -> Vec<String> {
        vec![]
    }
}

impl Turn for sqlx::Postgres {
    /// Readers go on, writers wait. One who waits for what we have and has what we want is not waited for without end.
    fn take() -> Vec<String> {
        let names = replaced().map(|table| table.name).chain(["route_counter"]);
        let names: Vec<_> = names.collect();
        vec![
            "SET LOCAL lock_timeout = '5s'".to_owned(),
            format!("LOCK TABLE {} IN EXCLUSIVE MODE", names.join(", ")),
            "SET LOCAL lock_timeout = 0".to_owned(),
        ]
    }
}

pub(super) trait Load {
    async fn load<R: BufRead>(
        &mut self,
        backup: Reader<'_, R>,
        request: Restore,
    ) -> Result<Summary, BackupError>;
}

/// The parts of [`Load::load`], between the beginning and the end of its transaction.
trait Steps {
    async fn run(&mut self, statement: String) -> SqlResult<()>;
    async fn begin(&mut self) -> Result<(), BackupError>;
    async fn replace<R: BufRead>(
        &mut self,
        backup: Reader<'_, R>,
        request: Restore,
    ) -> Result<Summary, BackupError>;
    /// Tables that have rows, with their number.
    async fn holds(&mut self) -> SqlResult<Vec<String>>;
    async fn high_water(&mut self) -> SqlResult<HighWater>;
    async fn insert_all<R: BufRead>(&mut self, backup: &mut Reader<'_, R>) -> Result<(), BackupError>;
    async fn insert(&mut self, batch: &mut Batch) -> SqlResult<()>;
    async fn make_good(&mut self, above: HighWater, request: Restore) -> SqlResult<()>;
    async fn renew_deadlines(&mut self, request: Restore) -> SqlResult<()>;
    async fn record(&mut self, request: Restore, summary: &Summary) -> SqlResult<()>;
}

macro_rules! implement {
    ($Db:ty, $Connection:ty) => {
        impl Load for $Connection {
            async fn load<R: BufRead>(
                &mut self,
                backup: Reader<'_, R>,
                request: Restore,
            ) -> Result<Summary, BackupError> {
                self.begin().await?;
                match self.replace(backup, request).await {
                    Ok(summary) => {
                        self.run("COMMIT".to_owned()).await.map_err(|error| failed(&error))?;
                        Ok(summary)
                    }
                    Err(error) => {
                        // A connection that is beyond this rolls back when it closes.
                        let _ = self.run("ROLLBACK".to_owned()).await;
                        Err(error)
                    }
                }
            }
        }

        impl Steps for $Connection {
            async fn run(&mut self, statement: String) -> SqlResult<()> {
                QueryBuilder::<$Db>::new(statement).build().execute(&mut *self).await.map(drop)
            }

            async fn begin(&mut self) -> Result<(), BackupError> {
                for remaining in (0..TRIES).rev() {
                    let turn = async {
                        self.run(<$Db as Dialect>::BEGIN_WRITE.to_owned()).await?;
                        for statement in <$Db as Turn>::take() {
                            self.run(statement).await?;
                        }
                        Ok(())
                    };
                    match turn.await {
                        Ok(()) => return Ok(()),
                        Err(error) if remaining == 0 => return Err(failed(&error)),
                        Err(_) => {}
                    }
                    let _ = self.run("ROLLBACK".to_owned()).await;
                    tokio::time::sleep(BETWEEN_TRIES).await;
                }
                Ok(())
            }

            async fn replace<R: BufRead>(
                &mut self,
                mut backup: Reader<'_, R>,
                request: Restore,
            ) -> Result<Summary, BackupError> {
                let told = |error: sqlx::Error| failed(&error);
                let held = self.holds().await.map_err(told)?;
                if !held.is_empty() && !request.replace {
                    return Err(BackupError::NotEmpty(held.join(", ")));
                }
                let before = self.high_water().await.map_err(told)?;
                for table in replaced().rev() {
                    self.run(format!("DELETE FROM {}", table.name)).await.map_err(told)?;
                }
                self.insert_all(&mut backup).await?;
                let summary = backup.summary()?;
                let above = self.high_water().await.map_err(told)?.above(before);
                self.make_good(above, request).await.map_err(told)?;
                self.renew_deadlines(request).await.map_err(told)?;
                self.record(request, &summary).await.map_err(told)?;
                Ok(summary)
            }

            async fn holds(&mut self) -> SqlResult<Vec<String>> {
                let mut held = Vec::new();
                // The counter's row is part of the schema.
                for table in replaced().filter(|table| table.name != "event_counter") {
                    let mut query = QueryBuilder::<$Db>::new("SELECT COUNT(*) FROM ");
                    query.push(table.name);
                    let count: i64 = query.build_query_scalar().fetch_one(&mut *self).await?;
                    if count > 0 {
                        held.push(format!("{}: {count}", table.name));
                    }
                }
                Ok(held)
            }

            async fn high_water(&mut self) -> SqlResult<HighWater> {
                let (event, token, revision) = sqlx::query_as::<$Db, (i64, i64, i64)>(
                    "SELECT COALESCE((SELECT MAX(last) FROM event_counter), 0),
                            COALESCE((SELECT MAX(lease_token) FROM workspaces), 0),
                            COALESCE((SELECT MAX(revision) FROM workspaces), 0)",
                )
                .fetch_one(&mut *self)
                .await?;
                Ok(HighWater { event, token, revision })
            }

            async fn insert_all<R: BufRead>(
                &mut self,
                backup: &mut Reader<'_, R>,
            ) -> Result<(), BackupError> {
                let mut batch = Batch::default();
                while let Some(row) = backup.next()? {
                    let another = batch.table.is_some_and(|table| table.name != row.table.name);
                    if another || batch.is_full() {
                        self.insert(&mut batch).await.map_err(|error| failed(&error))?;
                    }
                    if batch.rows.is_empty() {
                        batch.table = Some(row.table);
                        batch.columns = row.columns.to_vec();
                    }
                    batch.bytes += row.cells.iter().map(Cell::size).sum::<usize>();
                    batch.rows.push(row.cells);
                }
                self.insert(&mut batch).await.map_err(|error| failed(&error))
            }

            async fn insert(&mut self, batch: &mut Batch) -> SqlResult<()> {
                let Batch { table: Some(table), columns, rows, .. } = std::mem::take(batch) else {
                    return Ok(());
                };
                let names: Vec<_> = columns.iter().map(|column| column.name).collect();
                let mut query = QueryBuilder::<$Db>::new("INSERT INTO ");
                query.push(format_args!("{} ({}) ", table.name, names.join(", ")));
                query.push_values(rows, |mut values, row| {
                    for (cell, column) in row.into_iter().zip(&columns) {
                        <$Db as Cells>::bind(&mut values, cell, column.kind);
                    }
                });
                query.build().execute(&mut *self).await.map(drop)
            }

            async fn make_good(&mut self, above: HighWater, request: Restore) -> SqlResult<()> {
                // A session that was ended after the backup must not come back to life.
                sqlx::query::<$Db>("UPDATE sessions SET revoked_at = $1 WHERE revoked_at IS NULL")
                    .bind(request.now)
                    .execute(&mut *self)
                    .await?;
                // Whoever worked on a workspace in either world writes nothing in this one.
                sqlx::query::<$Db>(
                    "UPDATE workspaces SET lease_holder = NULL, lease_until = NULL, lease_token = $1, revision = $2,
                                           due_at = $3, restored = $4",
                )
                .bind(above.token)
                .bind(above.revision)
                .bind(request.now)
                .bind(true)
                .execute(&mut *self)
                .await?;
                // Addresses are given out again at once: each may be another workspace's by now.
                sqlx::query::<$Db>("UPDATE routes SET target = $1")
                    .bind(Document(&RouteTarget::Withdrawn))
                    .execute(&mut *self)
                    .await?;
                sqlx::query::<$Db>("UPDATE route_counter SET last = last + 1").execute(&mut *self).await?;
                sqlx::query::<$Db>("UPDATE event_counter SET last = $1")
                    .bind(above.event)
                    .execute(&mut *self)
                    .await?;
                sqlx::query::<$Db>("UPDATE installation SET restore_id = $1")
                    .bind(request.id.as_uuid())
                    .execute(&mut *self)
                    .await
                    .map(drop)
            }

            async fn renew_deadlines(&mut self, request: Restore) -> SqlResult<()> {
                let on_the_way = sqlx::query_as::<$Db, (Uuid, Json<State>)>(
                    "SELECT id, state FROM workspaces
                     WHERE status IN ('pending', 'provisioning', 'stopping', 'destroying')",
                )
                .fetch_all(&mut *self)
                .await?;
                for (id, Json(state)) in on_the_way {
                    let state = state.renewed(request.now);
                    sqlx::query::<$Db>("UPDATE workspaces SET state = $2, status_since = $3 WHERE id = $1")
                        .bind(id)
                        .bind(Document(&state))
                        .bind(state.since())
                        .execute(&mut *self)
                        .await?;
                }
                Ok(())
            }

            async fn record(&mut self, request: Restore, summary: &Summary) -> SqlResult<()> {
                let detail = json!({ "backup": summary.created_at, "rows": summary.rows });
                sqlx::query::<$Db>(
                    "INSERT INTO audit_entries (id, at, user_id, org_id, action, via, target, address, detail)
                     VALUES ($1, $2, NULL, NULL, $3, $4, $5, $6, $7)",
                )
                .bind(request.audit.as_uuid())
                .bind(request.now)
                .bind("platform.restore")
                .bind(Via::Platform.as_str())
                .bind(summary.installation.to_string())
                .bind("")
                .bind(Document(&detail))
                .execute(&mut *self)
                .await
                .map(drop)
            }
        }
    };
}

implement!(sqlx::Sqlite, SqliteConnection);
implement!(sqlx::Postgres, PgConnection);
