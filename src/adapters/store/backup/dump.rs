//! From a database into a backup.

use std::io::{self, Write};

use chrono::{DateTime, Utc};
use futures::TryStreamExt;
use sqlx::{Connection, PgConnection, QueryBuilder, SqliteConnection};
use uuid::Uuid;

use super::{
    BackupError, Summary,
    cell::Cells,
    format::{FORMAT, Header, HeaderTable, VERSION},
    key::BackupKey,
    tables::{Column, Fate, TABLES, Table},
    writer::Writer,
};
use crate::{
    adapters::store::{dialect::Dialect, open::known_migration, refusal::refusal},
    ports::repository::StoreError,
};

pub(super) trait Dump {
    async fn dump<W: Write>(
        &mut self,
        key: &BackupKey,
        now: DateTime<Utc>,
        out: W,
    ) -> Result<Summary, BackupError>;
}

fn failed(table: &'static str) -> impl Fn(sqlx::Error) -> BackupError {
    move |error| refusal(&error, table).into()
}

fn not_written(source: io::Error) -> BackupError {
    BackupError::Io { what: "the backup cannot be written".into(), source }
}

/// The tables that a database of this migration has, of those in backups.
fn carried(migration: i64) -> impl Iterator<Item = &'static Table> {
    let there = move |table: &&Table| table.columns_at(migration).next().is_some();
    TABLES.iter().filter(|table| table.fate == Fate::Carried).filter(there)
}

fn header(migration: i64, installation: Uuid, key: &BackupKey, now: DateTime<Utc>) -> Header {
    let tables = carried(migration).map(|table| HeaderTable {
        name: table.name.to_owned(),
        columns: table.columns_at(migration).map(|column| column.name.to_owned()).collect(),
    });
    Header {
        format: FORMAT.to_owned(),
        version: VERSION,
        program: env!("CARGO_PKG_VERSION").to_owned(),
        migration,
        installation: installation.into(),
        created_at: now,
        key_check: key.check(),
        tables: tables.collect(),
    }
}

macro_rules! implement {
    ($Db:ty, $Connection:ty) => {
        impl Dump for $Connection {
            async fn dump<W: Write>(
                &mut self,
                key: &BackupKey,
                now: DateTime<Utc>,
                out: W,
            ) -> Result<Summary, BackupError> {
                let begin = <$Db as Dialect>::BEGIN_READ;
                let mut work = self.begin_with(begin).await.map_err(failed("unit of work"))?;
                let migration = sqlx::query_scalar::<$Db, i64>(
                    "SELECT COALESCE(MAX(version), 0) FROM _sqlx_migrations WHERE success",
                )
                .fetch_one(&mut *work)
                .await
                .map_err(|_| BackupError::Nothing("the database has none of our tables".into()))?;
                let known = known_migration();
                if migration > known {
                    return Err(StoreError::Newer { found: migration, known }.into());
                }
                let installation = sqlx::query_scalar::<$Db, Uuid>("SELECT id FROM installation")
                    .fetch_optional(&mut *work)
                    .await
                    .map_err(failed("installation"))?
                    .ok_or_else(|| BackupError::Nothing("no server has used the database yet".into()))?;
                let header = header(migration, installation, key, now);
                let mut writer = Writer::new(out, &header).map_err(not_written)?;
                for table in carried(migration) {
                    writer.table(table.name).map_err(not_written)?;
                    let columns: Vec<&Column> = table.columns_at(migration).collect();
                    let mut query = QueryBuilder::<$Db>::new("SELECT ");
                    query.push(columns.iter().map(|column| column.name).collect::<Vec<_>>().join(", "));
                    query.push(" FROM ").push(table.name).push(" ORDER BY ").push(table.key.join(", "));
                    let mut rows = query.build().fetch(&mut *work);
                    while let Some(row) = rows.try_next().await.map_err(failed(table.name))? {
                        let cells = columns.iter().enumerate();
                        let cells = cells.map(|(index, column)| <$Db>::read(&row, index, column.kind));
                        let cells: Vec<_> = cells.collect::<Result<_, _>>().map_err(failed(table.name))?;
                        writer.row(cells).map_err(not_written)?;
                    }
                }
                let rows = writer.finish(key).map_err(not_written)?;
                Ok(Summary { installation: installation.into(), created_at: now, rows })
            }
        }
    };
}

implement!(sqlx::Sqlite, SqliteConnection);
implement!(sqlx::Postgres, PgConnection);
