//! Beside those who go on working.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicUsize, Ordering},
};

use devsanctum::{
    adapters::store::{self, backup::Place},
    domain::{
        event::{EventKind, NewEvent},
        role::Role,
    },
    ports::repository::{Store, StoreResult},
};

use super::{content, dump, restore, rows, url};
use crate::contract::store::{
    engine::with_database,
    fixture::{at, org, user, world, write},
};

async fn on_both(test: impl AsyncFn(Arc<dyn Store>, Place)) {
    with_database(async |postgres| {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("data.db");
        test(store::open_file(&path).await.unwrap(), Place::File(path)).await;
        test(store::open(&postgres).await.unwrap(), url(&postgres)).await;
    })
    .await;
}

/// Somebody who writes until told to stop; counts what went through.
struct Writers {
    stop: Arc<AtomicBool>,
    written: Arc<AtomicUsize>,
    tasks: Vec<tokio::task::JoinHandle<()>>,
}

/// What belongs together is committed together; a restore in between makes it fail.
async fn add_pair(store: &dyn Store, name: &str) -> StoreResult<()> {
    let (user, org) = (user(name), org(name));
    let mut work = store.begin().await?;
    work.orgs().add(&org).await?;
    work.users().add(&user, None).await?;
    work.orgs().set_member(org.id, user.id, Role::Owner, at(1)).await?;
    work.events().append(&[NewEvent::new(EventKind::OrgUpdated, at(1))]).await?;
    work.commit().await
}

impl Writers {
    fn start(store: &Arc<dyn Store>, count: usize) -> Self {
        let (stop, written) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
        let tasks = (0..count).map(|writer| {
            let (store, stop, written) = (store.clone(), stop.clone(), written.clone());
            tokio::spawn(async move {
                for number in 0.. {
                    if stop.load(Ordering::Relaxed) {
                        return;
                    }
                    let result = add_pair(store.as_ref(), &format!("w{writer}-{number}")).await;
                    if result.is_ok() {
                        written.fetch_add(1, Ordering::Relaxed);
                    }
                    tokio::task::yield_now().await;
                }
            })
        });
        Self { tasks: tasks.collect(), stop, written }
    }

    async fn until(&self, more: usize) {
        let goal = self.written.load(Ordering::Relaxed) + more;
        while self.written.load(Ordering::Relaxed) < goal {
            tokio::task::yield_now().await;
        }
    }

    async fn end(self) {
        self.stop.store(true, Ordering::Relaxed);
        for task in self.tasks {
            task.await.unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_is_of_one_moment_while_others_write() {
    on_both(async |store, place| {
        world(&store).await;
        write(&store, async |work| work.installation().establish(super::id(), at(1)).await).await.unwrap();
        let writers = Writers::start(&store, 2);
        for _ in 0..5 {
            writers.until(5).await;
            let rows = rows(&dump(&place).await);
            // The world has one of each, and no membership.
            assert_eq!(rows["users"].len(), rows["orgs"].len());
            assert_eq!(rows["memberships"].len() + 1, rows["orgs"].len());
            assert_eq!(rows["events"].len(), rows["memberships"].len());
            assert_eq!(rows["event_counter"][0]["last"], rows["events"].len());
        }
        writers.end().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restore_gets_its_turn_while_others_write() {
    on_both(async |store, place| {
        content::fill(&store).await;
        let backup = dump(&place).await;
        let before = rows(&backup);
        let writers = Writers::start(&store, 3);
        writers.until(20).await;
        let seen = store.read().await.unwrap().events().latest().await.unwrap();
        restore(&place, &backup, true).await.unwrap();
        // They go on in the new world, and nothing of the old one is left in it.
        writers.until(5).await;
        writers.end().await;
        let after = rows(&dump(&place).await);
        let written = after["orgs"].len() - before["orgs"].len();
        assert!(written >= 5);
        let last = after["event_counter"][0]["last"].as_i64().unwrap();
        assert!(last > seen + written as i64);
        let new = after["events"].iter().filter(|event| event["sequence"].as_i64() > Some(seen));
        assert_eq!(new.count(), written, "each of the new ones once, none of the old ones");
    })
    .await;
}
