//! The right to work on one workspace, as its holder knows it: the lease in the database, and until when it lasts at
//! least.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use chrono::Duration as Span;
use tokio::time::Instant;

use super::Context;
use crate::ports::repository::{StoreError, workspace::Lease};

/// After this, others may take over from a process that died.
const LASTS: Duration = Duration::from_secs(10);
const RENEW: Duration = Duration::from_secs(3);

/// Two clocks watch it. Writes to the database show the lease's token: one that was lost is refused there. Calls to the
/// host cannot show it, so none is begun after [`Hold::is_valid`] says no: a process that was paused finds its time over
/// when it wakes up, before it has asked the database anything.
pub(super) struct Hold {
    pub lease: Lease,
    until: Mutex<Instant>,
}

/// How long a lease is asked for.
pub(super) fn span() -> Span {
    Span::from_std(LASTS).unwrap_or(Span::MAX)
}

impl Hold {
    /// `asked` is the moment before the lease was asked for.
    pub(super) fn new(lease: Lease, asked: Instant) -> Self {
        Self { lease, until: Mutex::new(asked + LASTS) }
    }

    pub(super) fn is_valid(&self) -> bool {
        Instant::now() < *self.until.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn extend(&self, asked: Instant) {
        *self.until.lock().unwrap_or_else(PoisonError::into_inner) = asked + LASTS;
    }

    /// Renews the lease; ends when it is lost, or when it ran out because it could not be renewed.
    pub(super) async fn keep(&self, context: &Context) {
        while self.is_valid() {
            tokio::time::sleep(RENEW).await;
            let asked = Instant::now();
            let renewed = async {
                let mut work = context.app.store.begin().await?;
                work.workspaces().renew(self.lease, context.app.clock.now() + span()).await?;
                work.commit().await
            };
            match renewed.await {
                Ok(()) => self.extend(asked),
                Err(StoreError::Stale(_)) => break,
                Err(error) => {
                    tracing::warn!(workspace.id = %self.lease.workspace, error = %error, "a lease cannot be renewed");
                }
            }
        }
        tracing::warn!(workspace.id = %self.lease.workspace, "the lease was lost; another process may go on");
    }
}
