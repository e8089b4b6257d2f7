//! What a restore puts right.

use std::sync::Arc;

use devsanctum::{
    adapters::store::{self, backup::Place},
    domain::{
        event::{EventKind, NewEvent},
        ids::ReplicaId,
        route::RouteTarget,
        session::{Rotation, rotation},
    },
    ports::repository::{PageRequest, Store, StoreError, audit::AuditFilter},
};
use sqlx::{Connection, SqliteConnection, migrate::Migrator};

use super::{content, dump, file, request, restore, restored_at, url};
use crate::contract::store::{
    engine::with_database,
    fixture::{at, id, write},
};

async fn opened(place: &Place) -> Arc<dyn Store> {
    match place {
        Place::File(path) => store::open_file(path).await.unwrap(),
        Place::Url(url) => store::open(url.expose()).await.unwrap(),
    }
}

/// On both engines: a database that is backed up, goes on, and is set back while it is open.
async fn set_back(test: impl AsyncFn(Arc<dyn Store>, &content::Content, &Place, Vec<u8>)) {
    with_database(async |postgres| {
        let directory = tempfile::tempdir().unwrap();
        for place in [file(directory.path(), "data.db"), url(&postgres)] {
            let store = opened(&place).await;
            let content = content::fill(&store).await;
            let backup = dump(&place).await;
            test(store, &content, &place, backup).await;
        }
    })
    .await;
}

#[tokio::test]
async fn every_session_has_ended_and_no_token_rotates() {
    set_back(async |store, content, place, backup| {
        restore(place, &backup, true).await.unwrap();
        let mut reader = store.read().await.unwrap();
        let found = reader.sessions().find(content.session.id).await.unwrap().unwrap();
        assert_eq!(found.revoked_at, Some(restored_at()));
        assert!(!found.is_live(restored_at()));
        let hash = [1; 32];
        assert!(reader.sessions().find_by_token(&hash).await.unwrap().is_none());
        let token = crate::contract::store::fixture::token(&found, 1);
        assert_eq!(rotation(&found, &token, restored_at()), Rotation::Ended);
    })
    .await;
}

#[tokio::test]
async fn workers_of_both_worlds_write_nothing() {
    set_back(async |store, content, place, backup| {
        let holder: ReplicaId = id();
        // Everybody's turn has come, more often than when the backup was made.
        let mut leases = vec![];
        for round in 0..4 {
            let (now, until) = (at(2_000_000 + round * 100), at(2_000_050 + round * 100));
            leases.extend(
                write(&store, async |work| work.workspaces().claim_due(holder, now, until, 100).await)
                    .await
                    .unwrap(),
            );
        }
        assert!(leases.len() > 4);
        restore(place, &backup, true).await.unwrap();
        for &lease in &leases {
            let state = content.running.state.clone();
            for refused in [
                write(&store, async |work| work.workspaces().renew(lease, at(3_000_000)).await).await,
                write(&store, async |work| {
                    let deployment = content.running.deployment_id;
                    work.workspaces().record_progress(lease, deployment, &state, &[], at(1)).await
                })
                .await,
            ] {
                assert!(matches!(refused, Err(StoreError::Stale("lease"))), "{refused:?}");
            }
        }
        // One who had read a row before writes no intent either.
        let refused =
            write(&store, async |work| work.workspaces().record_intent(&content.running).await).await;
        assert!(matches!(refused, Err(StoreError::Stale("workspace"))), "{refused:?}");

        // New leases are newer than all of them.
        let now = restored_at();
        let claimed =
            write(&store, async |work| work.workspaces().claim_due(holder, now, at(10_000), 100).await);
        let claimed = claimed.await.unwrap();
        assert_eq!(claimed.len(), 4, "every workspace is due");
        for lease in leases {
            // Not even one of those who work on it now has the number of an old one.
            let refused =
                write(&store, async |work| work.workspaces().renew(lease, at(3_000_000)).await).await;
            assert!(matches!(refused, Err(StoreError::Stale("lease"))), "{lease:?} {refused:?}");
        }
        for lease in claimed {
            write(&store, async |work| work.workspaces().renew(lease, at(10_001)).await).await.unwrap();
            let mut reader = store.read().await.unwrap();
            assert!(reader.workspaces().find(lease.workspace).await.unwrap().unwrap().restored);
        }
    })
    .await;
}

#[tokio::test]
async fn event_numbers_go_on_above_both() {
    set_back(async |store, _, place, backup| {
        let event = NewEvent::new(EventKind::OrgUpdated, at(70));
        let more = vec![event.clone(); 500];
        write(&store, async |work| work.events().append(&more).await).await.unwrap();
        let before = store.read().await.unwrap().events().latest().await.unwrap();
        restore(place, &backup, true).await.unwrap();
        write(&store, async |work| work.events().append(&[event]).await).await.unwrap();
        let mut reader = store.read().await.unwrap();
        let new = reader.events().since(before, 10).await.unwrap();
        assert_eq!(new.len(), 1, "who has seen {before} sees what is new, and only that");
        assert!(new[0].sequence > before);
    })
    .await;
}

#[tokio::test]
async fn routes_lead_nowhere_until_somebody_has_looked() {
    set_back(async |store, content, place, backup| {
        write(&store, async |work| work.routes().revise(content.running.id).await).await.unwrap();
        let before = store.read().await.unwrap().routes().revision().await.unwrap();
        restore(place, &backup, true).await.unwrap();
        // Whoever is at a revision of before sees that it missed something, and reads all.
        let mut reader = store.read().await.unwrap();
        assert!(reader.routes().revision().await.unwrap() > before);
        assert_eq!(reader.routes().revised(before, 10).await.unwrap(), []);
        drop(reader);
        let routes = store.read().await.unwrap().routes().list(content.running.id).await.unwrap();
        assert_eq!(routes.len(), 2);
        assert!(routes.iter().all(|route| route.target == RouteTarget::Withdrawn), "{routes:?}");
    })
    .await;
}

#[tokio::test]
async fn it_leaves_a_mark_and_an_entry() {
    set_back(async |store, _, place, backup| {
        let request = request(true);
        let input = backup.as_slice();
        let key = super::key();
        devsanctum::adapters::store::backup::restore(place, &key, input, request).await.unwrap();
        let mut reader = store.read().await.unwrap();
        let installation = reader.installation().find().await.unwrap().unwrap();
        assert_eq!(installation.restore_id, Some(request.id));
        let page = PageRequest { limit: 10, ..PageRequest::default() };
        let entries = reader.audit().list(&AuditFilter::default(), &page).await.unwrap();
        let entry = entries.iter().find(|entry| entry.action == "platform.restore").unwrap();
        assert_eq!((entry.id, entry.at, entry.user_id), (request.audit, request.now, None));
        assert_eq!(entry.detail["rows"]["workspaces"], 4);
    })
    .await;
}

#[tokio::test]
async fn who_serves_the_database_stays_known() {
    set_back(async |store, _, place, backup| {
        let me: ReplicaId = id();
        write(&store, async |work| work.replicas().beat(me, 1, at(1)).await).await.unwrap();
        restore(place, &backup, true).await.unwrap();
        let found = store.read().await.unwrap().replicas().list().await.unwrap();
        assert_eq!(found.iter().map(|replica| replica.id).collect::<Vec<_>>(), [me]);
    })
    .await;
}

#[tokio::test]
async fn a_backup_from_before_a_migration_is_read() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("old.db");
    let url = format!("sqlite://{}?mode=rwc", path.display());
    let mut connection = SqliteConnection::connect(&url).await.unwrap();
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations/sqlite");
    Migrator::new(folder).await.unwrap().run_to(1, &mut connection).await.unwrap();
    for statement in [
        "INSERT INTO installation (singleton, id, created_at) VALUES (1, randomblob(16), '2026-01-01T00:00:00Z')",
        "INSERT INTO hosts (id, name, endpoint, state, cordoned, facts, created_at, updated_at)
         VALUES (randomblob(16), 'old', 'unix:///x', '{\"state\":\"new\"}', 0, '{}', '2026-01-01T00:00:00Z',
                 '2026-01-01T00:00:00.5Z')",
    ] {
        sqlx::query(statement).execute(&mut connection).await.unwrap();
    }
    connection.close().await.unwrap();
    let backup = dump(&Place::File(path.clone())).await;
    assert!(super::text(&backup).contains(r#""migration":1,"#), "reading does not migrate");

    let new = file(directory.path(), "new.db");
    restore(&new, &backup, false).await.unwrap();
    let store = opened(&new).await;
    let host = store.read().await.unwrap().hosts().find_by_name("old").await.unwrap().unwrap();
    assert_eq!(host.unexplained, Default::default());
}
