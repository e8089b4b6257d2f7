//! The migrations of both engines make the same schema.

use std::{collections::BTreeMap, fs, path::Path};

use devsanctum::adapters;
use sqlx::{Connection, PgConnection, Row, SqliteConnection};

use super::engine::with_database;

#[test]
fn migrations_are_twins() {
    let names = |engine: &str| {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations").join(engine);
        let mut names: Vec<_> = fs::read_dir(folder)
            .unwrap()
            .map(|file| file.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort_unstable();
        names
    };
    let sqlite = names("sqlite");
    assert_eq!(sqlite, names("postgres"));
    let mut numbers: Vec<u32> = sqlite.iter().map(|name| name[..4].parse().unwrap()).collect();
    numbers.dedup();
    assert_eq!(numbers.len(), sqlite.len(), "each has a number of its own: {sqlite:?}");
    assert!(sqlite.iter().all(|name| name[4..].starts_with('_') && name.ends_with(".sql")), "{sqlite:?}");
}

/// A column, in words both engines share.
#[derive(Debug, PartialEq, Eq)]
struct Column {
    kind: &'static str,
    nullable: bool,
    /// Position in the primary key, from 1; 0 when it is not in it.
    key: i64,
}

#[derive(Debug, Default, PartialEq, Eq)]
struct Schema {
    columns: BTreeMap<(String, String), Column>,
    /// Table, columns, and whether it is partial; of primary keys too.
    unique: Vec<(String, Vec<String>, bool)>,
    /// Table, column, table it refers to, and what happens when that row goes.
    foreign: Vec<(String, String, String, String)>,
    indexes: Vec<String>,
}

#[tokio::test]
async fn both_engines_have_the_same_schema() {
    with_database(async |url| {
        let directory = tempfile::tempdir().unwrap();
        let file = format!("sqlite://{}/data.db", directory.path().display());
        adapters::store::open(&file).await.unwrap();
        adapters::store::open(&url).await.unwrap();
        let sqlite = of_sqlite(&mut SqliteConnection::connect(&file).await.unwrap()).await;
        let postgres = of_postgres(&mut PgConnection::connect(&url).await.unwrap()).await;
        assert!(sqlite.columns.len() > 100 && sqlite.foreign.len() >= 20, "{sqlite:#?}");
        for (name, column) in &sqlite.columns {
            let twin = postgres.columns.get(name);
            let kind = twin.map_or("missing", |twin| twin.kind);
            assert!(
                stands_for(column.kind, kind),
                "{name:?} is {} in SQLite, {kind} in PostgreSQL",
                column.kind
            );
            let shape = |column: &Column| (column.nullable, column.key);
            assert_eq!(Some(shape(column)), twin.map(shape), "{name:?}");
        }
        assert_eq!(sqlite.columns.len(), postgres.columns.len());
        assert_eq!(sqlite.unique, postgres.unique);
        assert_eq!(sqlite.foreign, postgres.foreign);
        assert_eq!(sqlite.indexes, postgres.indexes);
    })
    .await;
}

fn stands_for(sqlite: &str, postgres: &str) -> bool {
    match sqlite {
        "BLOB" => matches!(postgres, "uuid" | "bytea"),
        "TEXT" => matches!(postgres, "text" | "jsonb" | "timestamp with time zone"),
        "INTEGER" => matches!(postgres, "integer" | "bigint" | "boolean"),
        _ => false,
    }
}

fn word(text: String, words: &[&'static str]) -> &'static str {
    words.iter().find(|word| **word == text).copied().unwrap_or("unknown")
}

async fn of_sqlite(connection: &mut SqliteConnection) -> Schema {
    let mut schema = Schema::default();
    let columns = sqlx::query(
        "SELECT t.name, c.name, c.type, c.\"notnull\", c.pk FROM sqlite_schema t JOIN pragma_table_xinfo(t.name) c
         WHERE t.type = 'table' AND t.name NOT LIKE '\\_sqlx%' ESCAPE '\\' AND t.name NOT LIKE 'sqlite%'",
    );
    for row in columns.fetch_all(&mut *connection).await.unwrap() {
        let column = Column {
            kind: word(row.get(2), &["BLOB", "TEXT", "INTEGER"]),
            nullable: !row.get::<bool, _>(3),
            key: row.get(4),
        };
        schema.columns.insert((row.get(0), row.get(1)), column);
    }
    let unique = sqlx::query(
        "SELECT t.name, i.partial, (SELECT json_group_array(name) FROM pragma_index_info(i.name)), i.\"unique\", i.name
         FROM sqlite_schema t JOIN pragma_index_list(t.name) i
         WHERE t.type = 'table' AND t.name NOT LIKE '\\_sqlx%' ESCAPE '\\'",
    );
    for row in unique.fetch_all(&mut *connection).await.unwrap() {
        if row.get::<bool, _>(3) {
            schema.unique.push((row.get(0), columns_of(row.get(2)), row.get(1)));
        } else {
            schema.indexes.push(row.get(4));
        }
    }
    // A key of one integer is the row's number: it has no index of its own.
    let numbered = schema.columns.iter().filter(|(_, column)| column.kind == "INTEGER" && column.key == 1);
    let alone: Vec<_> = numbered
        .filter(|((table, _), _)| {
            schema.columns.iter().filter(|((other, _), column)| other == table && column.key > 0).count() == 1
        })
        .map(|((table, column), _)| (table.clone(), vec![column.clone()], false))
        .collect();
    schema.unique.extend(alone);
    let foreign = sqlx::query(
        "SELECT t.name, f.\"from\", f.\"table\", f.on_delete
         FROM sqlite_schema t JOIN pragma_foreign_key_list(t.name) f WHERE t.type = 'table'",
    );
    for row in foreign.fetch_all(connection).await.unwrap() {
        schema.foreign.push((row.get(0), row.get(1), row.get(2), row.get(3)));
    }
    sorted(schema)
}

async fn of_postgres(connection: &mut PgConnection) -> Schema {
    let mut schema = Schema::default();
    let columns = sqlx::query(
        "SELECT c.table_name::text, c.column_name::text, c.data_type::text, c.is_nullable = 'YES',
                COALESCE((SELECT k.ordinal_position::bigint FROM information_schema.key_column_usage k
                          JOIN information_schema.table_constraints p
                          ON p.constraint_name = k.constraint_name AND p.constraint_type = 'PRIMARY KEY'
                          WHERE k.table_name = c.table_name AND k.column_name = c.column_name), 0)
         FROM information_schema.columns c
         WHERE c.table_schema = 'public' AND c.table_name NOT LIKE '\\_sqlx%'",
    );
    for row in columns.fetch_all(&mut *connection).await.unwrap() {
        let kinds =
            ["uuid", "bytea", "text", "jsonb", "timestamp with time zone", "integer", "bigint", "boolean"];
        let column = Column { kind: word(row.get(2), &kinds), nullable: row.get(3), key: row.get(4) };
        schema.columns.insert((row.get(0), row.get(1)), column);
    }
    let indexes = sqlx::query(
        "SELECT t.relname::text, i.indpred IS NOT NULL,
                (SELECT json_agg(a.attname ORDER BY k.place)::text FROM unnest(i.indkey) WITH ORDINALITY k (number, place)
                 JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.number),
                i.indisunique, n.relname::text
         FROM pg_index i JOIN pg_class t ON t.oid = i.indrelid JOIN pg_class n ON n.oid = i.indexrelid
         WHERE t.relnamespace = 'public'::regnamespace AND t.relname NOT LIKE '\\_sqlx%'",
    );
    for row in indexes.fetch_all(&mut *connection).await.unwrap() {
        if row.get::<bool, _>(3) {
            schema.unique.push((row.get(0), columns_of(row.get(2)), row.get(1)));
        } else {
            schema.indexes.push(row.get(4));
        }
    }
    let foreign = sqlx::query(
        "SELECT t.relname::text, a.attname::text, r.relname::text,
                CASE f.confdeltype WHEN 'c' THEN 'CASCADE' WHEN 'n' THEN 'SET NULL' ELSE 'NO ACTION' END
         FROM pg_constraint f JOIN pg_class t ON t.oid = f.conrelid JOIN pg_class r ON r.oid = f.confrelid
         JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = f.conkey[1] WHERE f.contype = 'f'",
    );
    for row in foreign.fetch_all(connection).await.unwrap() {
        schema.foreign.push((row.get(0), row.get(1), row.get(2), row.get(3)));
    }
    sorted(schema)
}

fn columns_of(json: String) -> Vec<String> {
    serde_json::from_str(&json).unwrap()
}

fn sorted(mut schema: Schema) -> Schema {
    schema.unique.sort_unstable();
    schema.foreign.sort_unstable();
    schema.indexes.sort_unstable();
    schema
}
