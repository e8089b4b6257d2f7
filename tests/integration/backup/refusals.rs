//! What is wrong is told, and nothing is changed.

use std::{io::Write, path::Path, sync::Arc};

use devsanctum::{
    adapters::store::{
        self,
        backup::{self, BackupError, Place},
    },
    ports::repository::{Store, StoreError},
};
use flate2::{Compression, write::GzEncoder};

use super::{content, dump, file, key, key_of, request, restore, rows, text, url};
use crate::contract::store::{
    engine::with_database,
    fixture::{id, user, write},
};

async fn small(directory: &Path) -> (Arc<dyn Store>, Place) {
    let store = store::open_file(&directory.join("data.db")).await.unwrap();
    let ada = user("ada");
    write(&store, async |work| {
        work.installation().establish(id(), ada.created_at).await?;
        work.users().add(&ada, None).await
    })
    .await
    .unwrap();
    (store, file(directory, "data.db"))
}

fn zipped(text: &str) -> Vec<u8> {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
    gzip.write_all(text.as_bytes()).unwrap();
    gzip.finish().unwrap()
}

fn verified(bytes: &[u8]) -> Result<backup::Summary, BackupError> {
    backup::verify(bytes, &key())
}

#[tokio::test]
async fn every_cut_and_every_changed_byte_is_noticed() {
    let directory = tempfile::tempdir().unwrap();
    let (_, place) = small(directory.path()).await;
    let whole = dump(&place).await;
    let summary = verified(&whole).unwrap();
    for end in 0..whole.len() {
        assert!(verified(&whole[..end]).is_err(), "cut at {end} of {}", whole.len());
    }
    let mut ignored = 0;
    for at in 0..whole.len() {
        for bit in [0x01, 0x80] {
            let mut changed = whole.clone();
            changed[at] ^= bit;
            match verified(&changed) {
                Err(_) => {}
                // A gzip stream has bits that mean nothing: in its head, and after its last block.
                Ok(found) => {
                    assert_eq!(found, summary, "byte {at}");
                    assert!(text(&changed) == text(&whole), "byte {at} may be changed");
                    ignored += 1;
                }
            }
        }
    }
    assert!(ignored <= 20, "{ignored} bits mean nothing");
    let longer = [whole.as_slice(), b"x"].concat();
    assert!(matches!(verified(&longer), Err(BackupError::Damaged(_))));
    let twice = [whole.as_slice(), whole.as_slice()].concat();
    assert!(matches!(verified(&twice), Err(BackupError::Damaged(_))));
}

#[tokio::test]
async fn garbage_is_told_from_a_damaged_backup() {
    for garbage in
        [b"".as_slice(), b"garbage", b"PK\x03\x04", &zipped(""), &zipped("hello\n"), &zipped("{}\n")]
    {
        let refused = verified(garbage);
        assert!(matches!(refused, Err(BackupError::NotABackup(_))), "{refused:?}");
    }
}

#[tokio::test]
async fn whoever_changes_a_backup_needs_the_master_key() {
    let directory = tempfile::tempdir().unwrap();
    let (_, place) = small(directory.path()).await;
    let whole = dump(&place).await;
    let changed = text(&whole).replace(r#""ada@example.org""#, r#""eve@example.org""#);
    let Err(BackupError::Damaged(reason)) = verified(&zipped(&changed)) else { panic!("not noticed") };
    assert!(reason.contains("digest"), "{reason}");

    // With a digest that fits.
    let lines: Vec<&str> = changed.split_inclusive('\n').collect();
    let (end, lines) = lines.split_last().unwrap();
    let digest: String = {
        use sha2::{Digest, Sha256};
        hex::encode(Sha256::digest(lines.concat().as_bytes()))
    };
    let mut end: serde_json::Value = serde_json::from_str(end).unwrap();
    end["end"]["sha256"] = digest.into();
    let forged = format!("{}{end}\n", lines.concat());
    let Err(BackupError::Damaged(reason)) = verified(&zipped(&forged)) else { panic!("not noticed") };
    assert!(reason.contains("sealed"), "{reason}");
}

#[tokio::test]
async fn another_key_and_a_newer_version_are_told_first() {
    let directory = tempfile::tempdir().unwrap();
    let (_, place) = small(directory.path()).await;
    let whole = dump(&place).await;
    let refused = backup::verify(whole.as_slice(), &key_of("2b"));
    assert!(matches!(refused, Err(BackupError::WrongKey)), "{refused:?}");

    let known = text(&whole);
    for (what, newer) in [
        ("format version", known.replacen(r#""version":1"#, r#""version":2"#, 1)),
        ("migration", known.replacen(r#""migration":"#, r#""migration":9"#, 1)),
    ] {
        assert_ne!(newer, known);
        match verified(&zipped(&newer)) {
            Err(BackupError::Newer { what: told, found, known }) => assert!(told == what && found > known),
            other => panic!("{what}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn a_restore_that_fails_changes_nothing() {
    with_database(async |postgres| {
        let directory = tempfile::tempdir().unwrap();
        let (_, place) = small(directory.path()).await;
        let whole = dump(&place).await;
        let lines = text(&whole);
        let lines: Vec<&str> = lines.split_inclusive('\n').collect();
        let broken: Vec<(&str, Vec<u8>)> = vec![
            ("cut", whole[..whole.len() / 2].to_vec()),
            ("without its end", zipped(&lines[..lines.len() - 1].concat())),
            ("a line less", zipped(&[&lines[..3], &lines[4..]].concat().concat())),
            ("of another key", {
                let mut bytes = Vec::new();
                backup::dump(&place, &key_of("77"), super::restored_at(), &mut bytes).await.unwrap();
                bytes
            }),
        ];
        for target in [file(directory.path(), "target.db"), url(&postgres)] {
            let store = match &target {
                Place::File(path) => store::open_file(path).await.unwrap(),
                Place::Url(url) => store::open(url.expose()).await.unwrap(),
            };
            content::fill(&store).await;
            let before = rows(&dump(&target).await);
            for (what, bytes) in &broken {
                let refused = backup::restore(&target, &key(), bytes.as_slice(), request(true)).await;
                assert!(refused.is_err(), "{what}");
                assert!(rows(&dump(&target).await) == before, "{what} changed something");
            }
            let refused = restore(&target, &whole, false).await;
            let Err(BackupError::NotEmpty(held)) = refused else { panic!("{refused:?}") };
            assert!(held.contains("users: 2"), "{held}");
            assert!(rows(&dump(&target).await) == before);
        }
    })
    .await;
}

#[tokio::test]
async fn where_nothing_is_there_is_nothing_to_back_up() {
    let directory = tempfile::tempdir().unwrap();
    let missing = file(directory.path(), "missing.db");
    let mut bytes = Vec::new();
    let refused = backup::dump(&missing, &key(), super::restored_at(), &mut bytes).await;
    assert!(
        matches!(&refused, Err(BackupError::Nothing(told)) if told.contains("missing.db")),
        "{refused:?}"
    );
    assert!(!directory.path().join("missing.db").exists(), "nothing was made");

    store::open_file(&directory.path().join("fresh.db")).await.unwrap();
    let fresh = file(directory.path(), "fresh.db");
    let refused = backup::dump(&fresh, &key(), super::restored_at(), &mut bytes).await;
    assert!(matches!(refused, Err(BackupError::Nothing(_))), "{refused:?}");

    with_database(async |postgres| {
        let mut bytes = Vec::new();
        let refused = backup::dump(&url(&postgres), &key(), super::restored_at(), &mut bytes).await;
        assert!(matches!(refused, Err(BackupError::Nothing(_))), "{refused:?}");
    })
    .await;
}

#[tokio::test]
async fn a_database_of_a_newer_version_is_neither_read_nor_written() {
    let directory = tempfile::tempdir().unwrap();
    let (_, place) = small(directory.path()).await;
    let whole = dump(&place).await;
    let url = format!("sqlite://{}", directory.path().join("data.db").display());
    let mut connection = <sqlx::SqliteConnection as sqlx::Connection>::connect(&url).await.unwrap();
    sqlx::query(
        "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
         VALUES (9001, 'from the future', TRUE, $1, 1)",
    )
    .bind([0_u8].as_slice())
    .execute(&mut connection)
    .await
    .unwrap();
    let mut bytes = Vec::new();
    let refused = backup::dump(&place, &key(), super::restored_at(), &mut bytes).await;
    assert!(matches!(refused, Err(BackupError::Store(StoreError::Newer { .. }))), "{refused:?}");
    let refused = restore(&place, &whole, true).await;
    assert!(matches!(refused, Err(BackupError::Store(StoreError::Newer { .. }))), "{refused:?}");
}
