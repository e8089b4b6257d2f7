//! The description of tables is that of the real schemas, at every migration.

use std::{collections::BTreeMap, path::Path};

use devsanctum::adapters::store::backup::tables::{Kind, TABLES};
use sqlx::{Connection, PgConnection, Row, SqliteConnection, migrate::Migrator};

use crate::contract::store::engine::with_database;

/// By table and column: the type and whether it may be NULL. Generated columns are left out.
type Columns = BTreeMap<(String, String), (String, bool)>;

fn described(migration: i64, word: impl Fn(Kind) -> &'static str) -> Columns {
    TABLES
        .iter()
        .flat_map(|table| table.columns_at(migration).map(move |column| (table.name, column)))
        .map(|(table, column)| {
            ((table.to_owned(), column.name.to_owned()), (word(column.kind).to_owned(), column.nullable))
        })
        .collect()
}

async fn migrations(engine: &str) -> Migrator {
    Migrator::new(Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations").join(engine)).await.unwrap()
}

#[tokio::test]
async fn every_column_of_sqlite_has_its_place_in_backups() {
    let directory = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}/data.db?mode=rwc", directory.path().display());
    let mut connection = SqliteConnection::connect(&url).await.unwrap();
    let all = migrations("sqlite").await;
    for migration in all.iter() {
        all.run_to(migration.version, &mut connection).await.unwrap();
        let found = sqlx::query(
            "SELECT t.name, c.name, c.type, c.\"notnull\" FROM sqlite_schema t JOIN pragma_table_xinfo(t.name) c
             WHERE t.type = 'table' AND t.name NOT LIKE '\\_sqlx%' ESCAPE '\\' AND t.name NOT LIKE 'sqlite%'
               AND c.hidden = 0",
        );
        let found: Columns = found
            .fetch_all(&mut connection)
            .await
            .unwrap()
            .into_iter()
            .map(|row| ((row.get(0), row.get(1)), (row.get(2), !row.get::<bool, _>(3))))
            .collect();
        let expected = described(migration.version, |kind| match kind {
            Kind::Uuid | Kind::Bytes => "BLOB",
            Kind::Text | Kind::Time | Kind::Json => "TEXT",
            Kind::Int | Kind::Big | Kind::Bool => "INTEGER",
        });
        assert_eq!(found, expected, "after migration {}", migration.version);
    }
}

#[tokio::test]
async fn every_column_of_postgres_has_its_place_in_backups() {
    with_database(async |url| {
        let mut connection = PgConnection::connect(&url).await.unwrap();
        let all = migrations("postgres").await;
        for migration in all.iter() {
            all.run_to(migration.version, &mut connection).await.unwrap();
            let found = sqlx::query(
                "SELECT table_name::text, column_name::text, data_type::text, is_nullable = 'YES'
                 FROM information_schema.columns
                 WHERE table_schema = 'public' AND table_name NOT LIKE '\\_sqlx%' AND is_generated = 'NEVER'",
            );
            let found: Columns = found
                .fetch_all(&mut connection)
                .await
                .unwrap()
                .into_iter()
                .map(|row| ((row.get(0), row.get(1)), (row.get(2), row.get(3))))
                .collect();
            let expected = described(migration.version, |kind| match kind {
                Kind::Uuid => "uuid",
                Kind::Bytes => "bytea",
                Kind::Text => "text",
                Kind::Int => "integer",
                Kind::Big => "bigint",
                Kind::Bool => "boolean",
                Kind::Time => "timestamp with time zone",
                Kind::Json => "jsonb",
            });
            assert_eq!(found, expected, "after migration {}", migration.version);
        }
    })
    .await;
}

#[test]
fn what_rows_are_ordered_by_is_a_column() {
    for table in TABLES {
        for key in table.key {
            assert!(table.columns.iter().any(|column| &column.name == key), "{}.{key}", table.name);
        }
    }
}
