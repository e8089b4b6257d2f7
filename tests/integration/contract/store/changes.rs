//! Word of commits: to whoever listens, in this process and, on PostgreSQL, in every other.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use devsanctum::{
    adapters,
    domain::event::{EventKind, NewEvent},
    ports::repository::{Hint, Store, StoreResult, UnitOfWork},
};
use futures::{StreamExt, stream::BoxStream};
use sqlx::{Connection, PgConnection};

use super::{
    engine::with_database,
    fixture::{at, id, session, token, user, world, write},
};

contract!(
    a_commit_tells_where_to_look,
    what_is_rolled_back_or_only_read_tells_nothing,
    following_begins_with_a_look_everywhere,
);

const PATIENCE: Duration = Duration::from_secs(20);

async fn next(changes: &mut BoxStream<'static, Hint>) -> Hint {
    tokio::time::timeout(PATIENCE, changes.next()).await.expect("word comes").expect("it never ends")
}

/// Someone who listens from now on.
async fn follow(store: &Arc<dyn Store>) -> BoxStream<'static, Hint> {
    let mut changes = store.changes();
    assert_eq!(next(&mut changes).await, Hint::Resync);
    changes
}

/// All that is told of one unit of work, which is followed by one that tells of `Replicas`.
async fn told(
    store: &Arc<dyn Store>,
    work: impl AsyncFnOnce(&mut dyn UnitOfWork) -> StoreResult<()>,
) -> BTreeSet<Hint> {
    let mut changes = follow(store).await;
    write(store, work).await.unwrap();
    write(store, async |work| work.replicas().beat(id(), 0, at(0)).await).await.unwrap();
    let mut told = BTreeSet::new();
    loop {
        match next(&mut changes).await {
            Hint::Replicas => return told,
            hint => told.insert(hint),
        };
    }
}

fn event() -> NewEvent {
    NewEvent::new(EventKind::WorkspaceUpdated, at(0))
}

async fn a_commit_tells_where_to_look(store: Arc<dyn Store>) {
    let world = world(&store).await;
    let mut workspace = world.workspace("web");
    let events = told(&store, async |work| work.events().append(&[event(), event()]).await).await;
    assert_eq!(events, BTreeSet::from([Hint::Events]));

    let added = told(&store, async |work| {
        work.workspaces().add(&workspace, &super::fixture::sealed(), &[]).await?;
        work.routes().revise(workspace.id).await?;
        work.events().append(&[event()]).await
    });
    assert_eq!(added.await, BTreeSet::from([Hint::Workspaces, Hint::Routes, Hint::Events]));

    let asked = told(&store, async |work| work.workspaces().record_intent(&workspace).await).await;
    assert_eq!(asked, BTreeSet::from([Hint::Workspaces]));
    workspace.revision += 1;

    let claim = async |work: &mut dyn UnitOfWork| work.workspaces().claim_due(id(), at(20), at(30), 9).await;
    let lease = write(&store, claim).await.unwrap()[0];
    let rests = told(&store, async |work| work.workspaces().release(lease, None).await).await;
    assert_eq!(rests, BTreeSet::new(), "nobody has anything to do");
    write(&store, async |work| work.workspaces().record_intent(&workspace).await).await.unwrap();
    let lease = write(&store, claim).await.unwrap()[0];
    let given_back = told(&store, async |work| work.workspaces().release(lease, Some(at(20))).await).await;
    assert_eq!(given_back, BTreeSet::from([Hint::Workspaces]));

    let ada = user("grace");
    let session = session(ada.id);
    write(&store, async |work| {
        work.users().add(&ada, None).await?;
        work.sessions().add(&session, &token(&session, 1)).await
    })
    .await
    .unwrap();
    let revoked = told(&store, async |work| work.sessions().revoke(session.id, at(1)).await).await;
    assert_eq!(revoked, BTreeSet::from([Hint::Session(session.id)]));

    let called = told(&store, async |work| work.replicas().call().await).await;
    assert_eq!(called, BTreeSet::from([Hint::RollCall]));
    let mut changes = follow(&store).await;
    write(&store, async |work| work.replicas().leave(id()).await).await.unwrap();
    assert_eq!(next(&mut changes).await, Hint::Replicas);
}

async fn what_is_rolled_back_or_only_read_tells_nothing(store: Arc<dyn Store>) {
    let mut changes = follow(&store).await;
    let mut dropped = store.begin().await.unwrap();
    dropped.events().append(&[event()]).await.unwrap();
    drop(dropped);
    let mut reader = store.read().await.unwrap();
    reader.events().latest().await.unwrap();
    reader.commit().await.unwrap();
    write(&store, async |work| work.routes().revise(id()).await).await.unwrap();
    assert_eq!(next(&mut changes).await, Hint::Routes, "the first word there was");
}

async fn following_begins_with_a_look_everywhere(store: Arc<dyn Store>) {
    write(&store, async |work| work.events().append(&[event()]).await).await.unwrap();
    let (mut one, mut two) = (follow(&store).await, follow(&store).await);
    write(&store, async |work| work.events().append(&[event()]).await).await.unwrap();
    assert_eq!(next(&mut one).await, Hint::Events);
    assert_eq!(next(&mut two).await, Hint::Events);
}

#[tokio::test]
async fn another_server_on_the_database_hears_it_too() {
    with_database(async |url| {
        let ours = adapters::store::open(&url).await.unwrap();
        let theirs = adapters::store::open(&url).await.unwrap();
        assert!(ours.is_shared());
        let mut changes = follow(&theirs).await;
        // Much more than one payload holds is a look everywhere.
        let ada = user("ada");
        write(&ours, async |work| work.users().add(&ada, None).await).await.unwrap();
        write(&ours, async |work| {
            for byte in 0..250 {
                let session = session(ada.id);
                work.sessions().add(&session, &token(&session, byte)).await?;
                work.sessions().revoke(session.id, at(1)).await?;
            }
            Ok(())
        })
        .await
        .unwrap();
        assert_eq!(next(&mut changes).await, Hint::Resync);
        write(&ours, async |work| work.events().append(&[event()]).await).await.unwrap();
        assert_eq!(next(&mut changes).await, Hint::Events);
    })
    .await;
}

#[tokio::test]
async fn a_lost_connection_is_made_again_and_everything_looked_at() {
    const CUT: &str = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                       WHERE datname = current_database() AND query LIKE 'LISTEN%' AND pid <> pg_backend_pid()";
    with_database(async |url| {
        let store = adapters::store::open(&url).await.unwrap();
        let mut changes = follow(&store).await;
        let mut bare = PgConnection::connect(&url).await.unwrap();
        for _ in 0..3 {
            let cut = sqlx::query(CUT).execute(&mut bare).await.unwrap();
            assert_eq!(cut.rows_affected(), 1);
            assert_eq!(next(&mut changes).await, Hint::Resync);
            write(&store, async |work| work.events().append(&[event()]).await).await.unwrap();
            assert_eq!(next(&mut changes).await, Hint::Events);
        }
        bare.close().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_file_of_sqlite_is_not_shared_between_machines() {
    let directory = tempfile::tempdir().unwrap();
    let store = adapters::store::open_file(&directory.path().join("test.db")).await.unwrap();
    assert!(!store.is_shared());
}
