//! Databases that cannot be used say which one, why, and what to do.

use std::{fs, os::unix::fs::PermissionsExt, sync::Arc};

use devsanctum::{
    adapters,
    ports::repository::{Store, StoreError},
};
use sqlx::{Connection, PgConnection, SqliteConnection};

use super::{
    engine::with_database,
    fixture::{at, read, user, write},
};

#[expect(clippy::panic, reason = "a test that cannot go on has failed")]
fn unavailable(opened: Result<Arc<dyn Store>, StoreError>) -> String {
    match opened {
        Err(StoreError::Unavailable(reason)) => reason,
        Err(other) => panic!("{other:?}"),
        Ok(_) => panic!("it was opened"),
    }
}

#[tokio::test]
async fn a_database_is_there_again_after_opening_it_anew() {
    let directory = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}/data.db", directory.path().display());
    let ada = user("ada");
    let store = adapters::store::open(&url).await.unwrap();
    write(&store, async |work| work.users().add(&ada, None).await).await.unwrap();
    drop(store);
    let store = adapters::store::open(&url).await.unwrap();
    assert_eq!(read(&store, async |work| work.users().find(ada.id).await).await, Some(ada.clone()));
    let mode = fs::metadata(directory.path().join("data.db")).unwrap().permissions().mode();
    assert_eq!(mode & 0o077, 0, "only its owner reads it");
}

#[tokio::test]
async fn a_url_of_no_known_kind_is_refused_without_repeating_it() {
    for url in ["", "mysql://root:hunter2@db/x", "hunter2", "sqlite::memory:", "postgres://u:hunter2@:port/x"]
    {
        let reason = unavailable(adapters::store::open(url).await);
        assert!(!reason.contains("hunter2"), "{reason}");
        assert!(
            reason.contains("sqlite:") || reason.contains("postgres:") || reason.contains("file"),
            "{reason}"
        );
    }
}

#[tokio::test]
async fn a_file_that_cannot_be_made_is_named() {
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("file"), "").unwrap();
    for path in ["missing/test.db", "file/test.db", "."] {
        let path = directory.path().join(path);
        let reason = unavailable(adapters::store::open_file(&path).await);
        assert!(reason.contains(path.to_str().unwrap()), "{reason}");
        assert!(reason.contains("DEVSANCTUM_DATA_DIR"), "{reason}");
    }
}

#[tokio::test]
async fn a_file_that_is_no_database_is_left_as_it_is() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("notes.txt");
    let notes = "not a database ".repeat(100);
    fs::write(&path, &notes).unwrap();
    let reason = unavailable(adapters::store::open_file(&path).await);
    assert!(reason.contains("notes.txt"), "{reason}");
    assert_eq!(fs::read_to_string(&path).unwrap(), notes);
}

#[tokio::test]
async fn a_server_that_does_not_answer_is_named_without_the_password() {
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let url = format!("postgres://ada:hunter2@127.0.0.1:{port}/sanctum");
    let reason = unavailable(adapters::store::open(&url).await);
    for part in ["sanctum", "127.0.0.1", "ada", "DEVSANCTUM_DATABASE_URL"] {
        assert!(reason.contains(part), "{reason}");
    }
    assert!(!reason.contains("hunter2"), "{reason}");
}

#[tokio::test]
async fn a_database_of_a_newer_version_is_left_alone() {
    const LATER: &str =
        "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
                         VALUES (9001, 'from the future', TRUE, $1, 1)";
    let directory = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}/data.db", directory.path().display());
    adapters::store::open(&url).await.unwrap();
    let mut connection = SqliteConnection::connect(&url).await.unwrap();
    sqlx::query(LATER).bind([0_u8].as_slice()).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
    let refused = adapters::store::open(&url).await.err();
    assert!(matches!(refused, Some(StoreError::Newer { found: 9001, known: 2.. })), "{refused:?}");

    with_database(async |url| {
        adapters::store::open(&url).await.unwrap();
        let mut connection = PgConnection::connect(&url).await.unwrap();
        sqlx::query(LATER).bind([0_u8].as_slice()).execute(&mut connection).await.unwrap();
        connection.close().await.unwrap();
        let refused = adapters::store::open(&url).await.err();
        assert!(matches!(refused, Some(StoreError::Newer { found: 9001, known: 2.. })), "{refused:?}");
    })
    .await;
}

#[tokio::test]
async fn several_servers_may_open_a_fresh_database_at_once() {
    with_database(async |url| {
        let opened = futures::future::join_all((0..4).map(|_| adapters::store::open(&url))).await;
        assert!(opened.iter().all(Result::is_ok));
    })
    .await;
}

#[tokio::test]
async fn a_row_that_cannot_be_read_is_named() {
    const SPOIL_STATE: &str = "UPDATE hosts SET state = '{\"state\": \"melted\"}'";
    const SPOIL_NAME: &str = "UPDATE users SET username = 'NOT A NAME'";
    let spoiled = async |store: Arc<dyn Store>| {
        let host = super::fixture::host("local");
        let ada = user("ada");
        write(&store, async |work| {
            work.hosts().add(&host).await?;
            work.users().add(&ada, None).await
        })
        .await
        .unwrap();
        (store, host.id, ada.id)
    };
    let check = async |store: Arc<dyn Store>, host, user| {
        let mut unit = store.read().await.unwrap();
        let error = unit.hosts().find(host).await.unwrap_err();
        let StoreError::Corrupt { table: "hosts", id, reason } = &error else { unreachable!("{error:?}") };
        assert_eq!(*id, host.to_string());
        assert!(reason.contains("state") && reason.contains("melted"), "{reason}");
        let error = unit.users().find(user).await.unwrap_err();
        let StoreError::Corrupt { table: "users", id, reason } = &error else { unreachable!("{error:?}") };
        assert_eq!(*id, user.to_string());
        assert!(reason.contains("username"), "{reason}");
    };

    let directory = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}/data.db", directory.path().display());
    let (store, host, ada) = spoiled(adapters::store::open(&url).await.unwrap()).await;
    let mut connection = SqliteConnection::connect(&url).await.unwrap();
    sqlx::query(SPOIL_STATE).execute(&mut connection).await.unwrap();
    sqlx::query(SPOIL_NAME).execute(&mut connection).await.unwrap();
    check(store, host, ada).await;

    with_database(async |url| {
        let (store, host, ada) = spoiled(adapters::store::open(&url).await.unwrap()).await;
        let mut connection = PgConnection::connect(&url).await.unwrap();
        sqlx::query(SPOIL_STATE).execute(&mut connection).await.unwrap();
        sqlx::query(SPOIL_NAME).execute(&mut connection).await.unwrap();
        check(store, host, ada).await;
    })
    .await;
}

#[tokio::test]
async fn whoever_stalls_in_a_transaction_holds_nobody_up_for_long() {
    with_database(async |url| {
        let (stalled, other) =
            (adapters::store::open(&url).await.unwrap(), adapters::store::open(&url).await.unwrap());
        let ada = user("ada");
        write(&other, async |work| work.users().add(&ada, None).await).await.unwrap();

        let mut paused = stalled.begin().await.unwrap();
        paused.users().rename(ada.id, "Paused", at(1)).await.unwrap();
        write(&other, async |work| work.users().rename(ada.id, "Other", at(2)).await).await.unwrap();

        assert!(paused.commit().await.is_err(), "what it began is gone");
        let found = read(&other, async |work| work.users().find(ada.id).await).await.unwrap();
        assert_eq!(found.display_name, "Other");
    })
    .await;
}
