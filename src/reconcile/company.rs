//! The other servers that route to workspaces, and how far each is with the routes.
//!
//! Before a container goes, its routes must be gone from every table: its address may be somebody else's next. So every
//! server says in the database up to which revision its table is, with each sign of life. Whoever takes routes back
//! waits until all others have said so, or have given no sign of life for [`GONE`]. A server that could not give one for
//! the shorter [`VOUCHED`](super::presence::VOUCHED) has stopped routing by then. Both measure by their own steady
//! clock, so it does not matter what time each believes it is. docs/adr/0006-routes-across-replicas.md has the proof.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{
    sync::{Mutex as AsyncMutex, Notify},
    time::Instant,
};

use super::{Context, presence::BEAT};
use crate::{
    app::{App, nudge::Nudge},
    domain::ids::ReplicaId,
    ports::repository::{StoreResult, replica::Replica},
};

/// A server without a sign of life for so long, as we have watched it, routes no more. Longer than a server without the
/// database trusts its own table.
pub(super) const GONE: Duration = Duration::from_secs(10);
/// Rows of servers that are gone are removed after this time; until then operators may look at them.
const FORGOTTEN: Duration = Duration::from_secs(60);
/// Between looks at the others while waiting for them, should their word not arrive.
const LOOK_AGAIN: Duration = Duration::from_millis(250);

/// How long to wait for whom.
#[derive(Debug, Clone, Copy)]
pub(super) struct Waits {
    /// Servers without a sign of life for so long are not waited for.
    quiet: Duration,
    /// Altogether.
    most: Duration,
}

impl Waits {
    /// What is taken back must be gone everywhere; a server that cannot say so has stopped routing after [`GONE`].
    pub(super) const WITHDRAWN: Self = Self { quiet: GONE, most: Duration::from_secs(25) };
    /// What is new should be everywhere, but nobody is harmed by a server that learns of it a moment later.
    pub(super) const PUBLISHED: Self = Self { quiet: Duration::from_secs(4), most: Duration::from_secs(1) };
}

pub(super) struct Company {
    app: Arc<App>,
    me: ReplicaId,
    watch: Mutex<Watch>,
    /// One look serves all who ask for it while it is made.
    looking: AsyncMutex<()>,
    looked: Notify,
    /// It is worth looking now.
    pub(super) due: Nudge,
}

impl Company {
    pub(super) fn new(app: Arc<App>, me: ReplicaId) -> Self {
        Self {
            app,
            me,
            watch: Mutex::default(),
            looking: AsyncMutex::default(),
            looked: Notify::new(),
            due: Nudge::default(),
        }
    }

    fn watch(&self) -> MutexGuard<'_, Watch> {
        self.watch.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether others route, as far as was last seen.
    pub(super) fn is_any(&self) -> bool {
        self.watch().is_any(Instant::now())
    }

    /// Waits until every other server has this revision, which is committed, in its table. `false`: one has not, and
    /// may still route.
    pub(super) async fn has(&self, revision: i64, waits: Waits) -> StoreResult<bool> {
        if !self.app.store.is_shared() {
            return Ok(true);
        }
        let began = Instant::now();
        // Who registers after this look reads the routes after that, and finds the revision.
        self.look(began).await?;
        let mut called = false;
        loop {
            let mut looked = std::pin::pin!(self.looked.notified());
            looked.as_mut().enable();
            let now = Instant::now();
            if !self.watch().is_behind(revision, waits.quiet, now) {
                return Ok(true);
            }
            if now.duration_since(began) >= waits.most {
                return Ok(false);
            }
            if tokio::time::timeout(LOOK_AGAIN, looked).await.is_err() {
                if !called {
                    self.call().await?;
                    called = true;
                }
                self.look(Instant::now()).await?;
            }
        }
    }

    /// Whoever committed the revision may not have asked for a sign of life, or it was not heard.
    async fn call(&self) -> StoreResult<()> {
        let mut work = self.app.store.begin().await?;
        work.replicas().call().await?;
        work.commit().await
    }

    /// Looks at the database, unless somebody began to look after `asked`.
    async fn look(&self, asked: Instant) -> StoreResult<()> {
        let _turn = self.looking.lock().await;
        if self.watch().began.is_some_and(|began| began >= asked) {
            return Ok(());
        }
        let began = Instant::now();
        let mut replicas = self.app.store.read().await?.replicas().list().await?;
        replicas.retain(|replica| replica.id != self.me);
        self.watch().observe(replicas, began, Instant::now());
        self.looked.notify_waiters();
        Ok(())
    }

    async fn forget_departed(&self) -> StoreResult<()> {
        let departed = self.watch().departed(Instant::now());
        for id in departed {
            tracing::info!(replica.id = %id, "another server gave no sign of life for a minute and is forgotten");
            let mut work = self.app.store.begin().await?;
            work.replicas().leave(id).await?;
            work.commit().await?;
        }
        Ok(())
    }
}

/// What was seen of the others.
#[derive(Default)]
struct Watch {
    /// When the last look began.
    began: Option<Instant>,
    others: HashMap<ReplicaId, Sighting>,
}

struct Sighting {
    replica: Replica,
    /// When we first saw its last sign of life.
    since: Instant,
}

impl Sighting {
    fn quiet(&self, now: Instant) -> Duration {
        now.saturating_duration_since(self.since)
    }
}

impl Watch {
    fn observe(&mut self, replicas: Vec<Replica>, began: Instant, now: Instant) {
        self.began = Some(began);
        let mut before = std::mem::take(&mut self.others);
        self.others = replicas
            .into_iter()
            .map(|replica| {
                let sign = |replica: &Replica| (replica.beats, replica.seen_at);
                let known = before.remove(&replica.id).filter(|known| sign(&known.replica) == sign(&replica));
                let since = known.map_or(now, |known| known.since);
                (replica.id, Sighting { replica, since })
            })
            .collect();
    }

    fn is_behind(&self, revision: i64, quiet: Duration, now: Instant) -> bool {
        let mut others = self.others.values();
        others.any(|other| other.replica.routes_revision < revision && other.quiet(now) < quiet)
    }

    fn is_any(&self, now: Instant) -> bool {
        self.others.values().any(|other| other.quiet(now) < GONE)
    }

    fn departed(&self, now: Instant) -> Vec<ReplicaId> {
        let departed = self.others.values().filter(|other| other.quiet(now) >= FORGOTTEN);
        departed.map(|other| other.replica.id).collect()
    }
}

/// Keeps watching, so that a server that ends without a word is known to be gone as early as can be.
pub(super) async fn run(context: Arc<Context>) {
    let company = context.routes.company();
    while context.serving(&company.due, BEAT).await {
        let watched = async {
            company.look(Instant::now()).await?;
            company.forget_departed().await
        };
        if let Err(error) = watched.await {
            tracing::warn!(%error, "the other servers cannot be seen");
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Utc};
    use uuid::Uuid;

    use super::*;

    fn replica(id: u128, beats: i64, routes_revision: i64) -> Replica {
        let at: DateTime<Utc> = DateTime::UNIX_EPOCH;
        Replica { id: Uuid::from_u128(id).into(), beats, routes_revision, started_at: at, seen_at: at }
    }

    fn after(start: Instant, seconds: u64) -> Instant {
        start + Duration::from_secs(seconds)
    }

    #[test]
    fn a_server_is_waited_for_until_it_is_as_far() {
        let (mut watch, start) = (Watch::default(), Instant::now());
        assert!(!watch.is_behind(1, GONE, start), "alone");
        watch.observe(vec![replica(1, 1, 4)], start, start);
        assert!(watch.is_behind(5, GONE, start));
        assert!(!watch.is_behind(4, GONE, start));
        watch.observe(vec![replica(1, 2, 5)], start, start);
        assert!(!watch.is_behind(5, GONE, start));
    }

    #[test]
    fn a_server_without_a_sign_of_life_is_gone_after_a_while_of_watching() {
        let (mut watch, start) = (Watch::default(), Instant::now());
        watch.observe(vec![replica(1, 7, 0)], start, start);
        watch.observe(vec![replica(1, 7, 0)], start, after(start, 6));
        assert!(watch.is_behind(1, GONE, after(start, 9)));
        assert!(watch.is_any(after(start, 9)));
        assert!(!watch.is_behind(1, GONE, after(start, 10)));
        assert!(!watch.is_any(after(start, 10)));
        watch.observe(vec![replica(1, 8, 0)], start, after(start, 11));
        assert!(watch.is_behind(1, GONE, after(start, 20)), "it lives again");
    }

    #[test]
    fn how_old_a_sign_of_life_is_counts_from_when_it_was_seen() {
        // Its own clock may say whatever it likes.
        let (mut watch, start) = (Watch::default(), Instant::now());
        let mut strange = replica(1, 7, 0);
        strange.seen_at = DateTime::from_timestamp(4_000_000_000, 0).unwrap();
        watch.observe(vec![strange], start, start);
        assert!(watch.is_behind(1, GONE, start));
        assert!(!watch.is_behind(1, GONE, after(start, 10)));
    }

    #[test]
    fn who_left_is_not_waited_for_and_who_is_gone_is_forgotten() {
        let (mut watch, start) = (Watch::default(), Instant::now());
        watch.observe(vec![replica(1, 1, 0), replica(2, 1, 0)], start, start);
        watch.observe(vec![replica(2, 1, 0)], start, start);
        assert_eq!(watch.departed(after(start, 59)), vec![]);
        assert_eq!(watch.departed(after(start, 60)), vec![ReplicaId::from(Uuid::from_u128(2))]);
        watch.observe(vec![], start, start);
        assert!(!watch.is_behind(1, GONE, start));
    }
}
