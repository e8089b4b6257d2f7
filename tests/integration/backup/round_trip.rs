use devsanctum::{
    adapters::store::{
        self,
        backup::tables::{Fate, TABLES},
    },
    domain::workspace::State,
};
use serde_json::{Value, json};

use super::{Rows, content, dump, file, restore, restored_at, rows, url};
use crate::contract::store::engine::with_database;

/// Columns that a restore sets, whatever the backup says.
const SET: [(&str, &str); 10] = [
    ("installation", "restore_id"),
    ("sessions", "revoked_at"),
    ("workspaces", "lease_holder"),
    ("workspaces", "lease_until"),
    ("workspaces", "lease_token"),
    ("workspaces", "revision"),
    ("workspaces", "due_at"),
    ("workspaces", "restored"),
    ("routes", "target"),
    ("event_counter", "last"),
];

/// What a restore must bring back exactly.
fn carried_over(backup: &[u8]) -> Rows {
    let mut rows = rows(backup);
    for (table, column) in SET {
        for row in rows.get_mut(table).unwrap() {
            row.insert(column.to_owned(), Value::Null).unwrap();
        }
    }
    for row in rows.get_mut("workspaces").unwrap() {
        if row["status"] == "stopping" {
            for column in ["state", "status_since"] {
                row.insert(column.to_owned(), Value::Null);
            }
        }
    }
    rows.get_mut("audit_entries").unwrap().retain(|row| row["action"] != "platform.restore");
    rows
}

#[tokio::test]
async fn every_row_comes_back_across_engines() {
    with_database(async |postgres| {
        let directory = tempfile::tempdir().unwrap();
        let first = directory.path().join("first.db");
        let filled = store::open_file(&first).await.unwrap();
        let content = content::fill(&filled).await;
        let original = dump(&file(directory.path(), "first.db")).await;
        let held = rows(&original);
        for table in TABLES {
            assert_eq!(
                held.get(table.name).map(|rows| !rows.is_empty()),
                (table.fate == Fate::Carried).then_some(true),
                "{}",
                table.name
            );
        }

        restore(&url(&postgres), &original, false).await.unwrap();
        let there = dump(&url(&postgres)).await;
        assert_eq!(carried_over(&there), carried_over(&original));

        restore(&file(directory.path(), "second.db"), &there, false).await.unwrap();
        let back = dump(&file(directory.path(), "second.db")).await;
        assert_eq!(carried_over(&back), carried_over(&original));
        // Whatever an engine did to a document in between, it is the same database once more.
        assert_eq!(rows(&back)["workspaces"], {
            let mut expected = rows(&there)["workspaces"].clone();
            for (row, found) in expected.iter_mut().zip(&rows(&back)["workspaces"]) {
                for column in ["revision", "lease_token"] {
                    assert!(found[column].as_i64() > row[column].as_i64());
                    row.insert(column.to_owned(), found[column].clone());
                }
            }
            expected
        });

        // And as the program reads it.
        for store in [
            store::open(&postgres).await.unwrap(),
            store::open_file(&directory.path().join("second.db")).await.unwrap(),
        ] {
            let mut work = store.read().await.unwrap();
            let (user, password) = work.users().find_by_login("grace").await.unwrap().unwrap();
            assert_eq!(user, content.user);
            assert!(password.is_some());
            let running = work.workspaces().find(content.running.id).await.unwrap().unwrap();
            assert_eq!(running.parameters, content.running.parameters);
            assert_eq!(running.state, content.running.state);
            assert_eq!(running.created_at, content.running.created_at);
            assert_eq!(work.hosts().find(content.host.id).await.unwrap(), Some(content.host.clone()));
            let archive = work.templates().archive("sha256:abc").await.unwrap().unwrap();
            assert!(archive.as_ref() == content.archive.as_slice());
            let deployment = running.deployment_id.unwrap();
            let logs = work.deployments().logs(deployment, 0, 10_000).await.unwrap();
            assert!(logs.iter().map(|numbered| &numbered.line).eq(&content.lines));
            let stopping = work.workspaces().find(content.stopping).await.unwrap().unwrap();
            assert!(matches!(stopping.state, State::Stopping { since, .. } if since == restored_at()));
        }
    })
    .await;
}

#[tokio::test]
async fn the_same_rows_give_the_same_lines() {
    let directory = tempfile::tempdir().unwrap();
    let filled = store::open_file(&directory.path().join("data.db")).await.unwrap();
    content::fill(&filled).await;
    let place = file(directory.path(), "data.db");
    assert_eq!(dump(&place).await, dump(&place).await);
}

#[tokio::test]
async fn neither_keys_nor_tokens_are_in_a_backup() {
    let directory = tempfile::tempdir().unwrap();
    let filled = store::open_file(&directory.path().join("data.db")).await.unwrap();
    content::fill(&filled).await;
    let text = super::text(&dump(&file(directory.path(), "data.db")).await);
    assert!(!text.contains(&"2a".repeat(32)), "the master key");
    assert!(!text.contains("refresh_tokens"));
    let header: Value = serde_json::from_str(text.lines().next().unwrap()).unwrap();
    assert_eq!((&header["format"], &header["version"]), (&json!("devsanctum-backup"), &json!(1)));
}
