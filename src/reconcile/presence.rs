//! Our own signs of life: up to which revision our table is. The proxy relies on its table only as long as they arrive.

use std::{
    sync::{Arc, atomic::Ordering},
    time::{Duration, Instant},
};

use super::Context;
use crate::app::AppResult;

/// Between two signs of life.
pub(super) const BEAT: Duration = Duration::from_secs(2);
/// How long after a sign of life our table may be relied on. Shorter than others wait for the next one
/// ([`super::company::GONE`]), by more than two clocks drift apart in that time.
pub(super) const VOUCHED: Duration = Duration::from_secs(8);
/// After a sign of life that did not arrive.
const TRY_AGAIN: Duration = Duration::from_millis(500);

#[derive(Default)]
pub(super) struct Presence {
    /// When the last sign of life that arrived was sent.
    last: Option<Instant>,
}

impl Presence {
    /// Brings our table up to date and says so.
    ///
    /// If others may have taken us for gone meanwhile, they did not wait for us: what we read before they learnt that we
    /// are here does not count, and it takes a second round.
    pub(super) async fn show(&mut self, context: &Context) -> AppResult<()> {
        loop {
            let revision = context.routes.catch_up().await?;
            let sent = Instant::now();
            let mut work = context.app.store.begin().await?;
            work.replicas().beat(context.replica, revision, context.app.clock.now()).await?;
            work.commit().await?;
            let unbroken = self.last.is_some_and(|last| last.elapsed() < VOUCHED);
            self.last = Some(sent);
            if unbroken {
                context.app.proxy.vouch(sent + VOUCHED);
                return Ok(());
            }
        }
    }

    fn is_due(&self) -> bool {
        self.last.is_none_or(|last| last.elapsed() >= BEAT)
    }
}

/// Follows changes of routes by others, and gives signs of life, until nothing is routed any more.
pub(super) async fn run(context: Arc<Context>, mut presence: Presence) {
    let shared = context.app.store.is_shared();
    let mut timer = BEAT;
    while context.serving(&context.routes_changed, timer).await {
        // Alone, only we ourselves wait for our word.
        let called = context.roll_call.swap(false, Ordering::Relaxed) && context.routes.company().is_any();
        let shown = match shared && (called || presence.is_due()) {
            true => presence.show(&context).await,
            false => context.routes.catch_up().await.map(drop),
        };
        timer = if shown.is_ok() { BEAT } else { TRY_AGAIN };
        if let Err(error) = shown {
            tracing::warn!(error = error.chain(), "the routes cannot be followed");
        }
    }
    if shared {
        let left = async {
            let mut work = context.app.store.begin().await?;
            work.replicas().leave(context.replica).await?;
            work.commit().await
        };
        if let Err(error) = left.await {
            tracing::warn!(%error, "leaving could not be told; the others find out by themselves");
        }
    }
}
