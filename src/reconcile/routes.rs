//! Keeps the proxy's table equal to the routes in the database.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex as SyncMutex, PoisonError},
    time::{Duration, Instant},
};

use tokio::sync::Mutex;
use tokio_util::sync::CancellationToken;

use super::{
    Context,
    company::{Company, Waits},
};
use crate::{
    app::{App, AppError, AppResult},
    domain::ids::ReplicaId,
    ports::proxy::{Edition, ProxyError},
};

/// Whatever else goes wrong with the table is put right within this time; a proxy that notices a loss is filled at once.
const TIMER: Duration = Duration::from_secs(15);
/// More changes than this are read as a whole.
const MOST_CHANGES: u32 = 200;

/// The only writer to the proxy.
pub(super) struct Routes {
    app: Arc<App>,
    /// The revision the table is at; `None` while it is empty. The lock keeps an older reading of the database from
    /// replacing a newer one.
    applied: Mutex<Option<i64>>,
    /// Until when this server may change a proxy that it shares with others; `None`: there are no others.
    until: SyncMutex<Option<Instant>>,
    company: Company,
    /// Cancelled when this server answers no more requests.
    serve: CancellationToken,
}

impl Routes {
    pub(super) fn new(app: Arc<App>, me: ReplicaId, serve: CancellationToken) -> Self {
        // With others, nothing may be changed before they know of this server.
        let until = app.store.is_shared().then(Instant::now);
        Self {
            company: Company::new(app.clone(), me),
            app,
            applied: Mutex::default(),
            until: SyncMutex::new(until),
            serve,
        }
    }

    pub(super) fn company(&self) -> &Company {
        &self.company
    }

    /// The other servers wait for this one until then.
    pub(super) fn count_on_company(&self, until: Instant) {
        *self.until.lock().unwrap_or_else(PoisonError::into_inner) = Some(until);
    }

    fn edition(&self, revision: i64) -> Edition {
        Edition { revision, until: *self.until.lock().unwrap_or_else(PoisonError::into_inner) }
    }

    /// The revision the table is at; 0 while there is none.
    pub(super) async fn applied(&self) -> i64 {
        self.applied.lock().await.unwrap_or(0)
    }

    pub(super) async fn publish_all(&self) -> AppResult<()> {
        let mut applied = self.applied.lock().await;
        self.replace_all(&mut applied).await.map(drop)
    }

    async fn replace_all(&self, applied: &mut Option<i64>) -> AppResult<i64> {
        let mut reader = self.app.store.read().await?;
        let revision = reader.routes().revision().await?;
        let routes = reader.routes().published().await?;
        drop(reader);
        self.pushed(self.app.proxy.publish_all(self.edition(revision), routes.into())).await?;
        *applied = Some(revision);
        Ok(revision)
    }

    /// Brings the table to what the database says now, and returns its revision.
    pub(super) async fn catch_up(&self) -> AppResult<i64> {
        let mut applied = self.applied.lock().await;
        let Some(from) = *applied else { return self.replace_all(&mut applied).await };
        let mut reader = self.app.store.read().await?;
        let revision = reader.routes().revision().await?;
        if revision == from {
            return Ok(revision);
        }
        let changed = reader.routes().revised(from, MOST_CHANGES).await?;
        if !is_whole(from, &changed, revision) {
            drop(reader);
            return self.replace_all(&mut applied).await;
        }
        let workspaces: BTreeSet<_> = changed.into_iter().map(|(_, workspace)| workspace).collect();
        let mut changes = Vec::with_capacity(workspaces.len());
        for workspace in workspaces {
            changes.push((workspace, reader.routes().published_of(workspace).await?));
        }
        drop(reader);
        self.pushed(self.app.proxy.publish_changes(self.edition(revision), changes)).await?;
        *applied = Some(revision);
        Ok(revision)
    }

    /// Counts a push, and how long it took to be in force. A proxy that asks us for the table does not get it any more when we
    /// end, and nothing waits for it then.
    async fn pushed(&self, push: impl Future<Output = Result<(), ProxyError>>) -> Result<(), ProxyError> {
        let began = Instant::now();
        let pushed = tokio::select! {
            biased;
            pushed = push => pushed,
            () = self.serve.cancelled() => Err(ProxyError::Behind("this server is being stopped".into())),
        };
        let outcome = pushed.as_ref().err().map_or("succeeded", ProxyError::outcome);
        self.app.meter.routes_pushed(self.app.proxy.kind(), outcome, began.elapsed());
        pushed
    }

    /// The table is at least at this revision, which is committed.
    pub(super) async fn reach(&self, revision: i64) -> AppResult<()> {
        if self.applied.lock().await.is_none_or(|applied| applied < revision) {
            self.catch_up().await?;
        }
        Ok(())
    }

    /// What was published with this revision answers here, and as far as they listen on all other servers.
    pub(super) async fn publish(&self, revision: i64) -> AppResult<()> {
        self.reach(revision).await?;
        if !self.company.has(revision, Waits::PUBLISHED).await? {
            tracing::debug!(revision, "another server is late with a new route");
        }
        Ok(())
    }

    /// Nothing leads any more where it led before this revision, on no server.
    ///
    /// # Errors
    /// When another server may still route, which only passes.
    pub(super) async fn withdraw(&self, revision: i64) -> AppResult<()> {
        self.reach(revision).await?;
        if self.company.has(revision, Waits::WITHDRAWN).await? {
            return Ok(());
        }
        Err(AppError::Unavailable {
            code: "replicas_behind",
            detail: "another server has not taken back routes yet".into(),
            source: None,
        })
    }

    /// The same for whatever is withdrawn by now, for instance by a server that ended before it could wait.
    pub(super) async fn withdrawn_everywhere(&self) -> AppResult<()> {
        let revision = self.catch_up().await?;
        self.withdraw(revision).await
    }
}

/// Whether these are all changes between the two revisions.
fn is_whole<T>(from: i64, changed: &[(i64, T)], to: i64) -> bool {
    let expected = (from + 1)..=to;
    i64::try_from(changed.len()).is_ok_and(|count| count == to - from)
        && changed.iter().map(|(revision, _)| *revision).eq(expected)
}

pub(super) async fn run(context: Arc<Context>) {
    let proxy = &context.app.proxy;
    loop {
        let due = async {
            tokio::select! {
                serving = context.serving(&context.app.routes_due, TIMER) => serving,
                () = proxy.lost() => {
                    tracing::info!("the proxy has lost its routes and is filled again");
                    true
                }
            }
        };
        if !due.await || context.serve.is_cancelled() {
            return;
        }
        if let Err(error) = context.routes.publish_all().await {
            tracing::warn!(error = error.chain(), "routes cannot be published");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::is_whole;

    #[test]
    fn a_gap_is_noticed() {
        assert!(is_whole(3, &[(4, ()), (5, ())], 5));
        assert!(!is_whole(3, &[(5, ())], 5), "the first was forgotten");
        assert!(!is_whole(3, &[(4, ())], 5), "there is more");
        assert!(!is_whole::<()>(9, &[], 5), "another database");
    }
}
