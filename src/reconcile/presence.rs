//! Our own signs of life: up to which revision our table is. The proxy relies on its table only as long as they arrive.

use std::{
    sync::{Arc, atomic::Ordering},
    time::{Duration, Instant},
};

use super::Context;
use crate::app::{AppError, AppResult, PROXY_BEHIND};

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
    /// are here does not count. So they are told first, and then the routes are read.
    pub(super) async fn show(&mut self, context: &Context) -> AppResult<()> {
        loop {
            if !self.is_unbroken() {
                self.beat(context, context.routes.applied().await).await?;
            }
            let revision = match context.routes.catch_up().await {
                Err(error @ AppError::Unavailable { code: PROXY_BEHIND, .. }) => {
                    self.step_back(context).await?;
                    return Err(error);
                }
                caught_up => caught_up?,
            };
            let unbroken = self.is_unbroken();
            let sent = self.beat(context, revision).await?;
            if unbroken && sent.elapsed() < VOUCHED {
                context.app.proxy.vouch(sent + VOUCHED);
                return Ok(());
            }
        }
    }

    /// Gives one sign of life; returns when it was sent.
    async fn beat(&mut self, context: &Context, revision: i64) -> AppResult<Instant> {
        let sent = Instant::now();
        let mut work = context.app.store.begin().await?;
        work.replicas().beat(context.replica, revision, context.app.clock.now()).await?;
        work.commit().await?;
        self.last = Some(sent);
        context.routes.count_on_company(sent + VOUCHED);
        Ok(sent)
    }

    /// The proxy outside cannot be given the routes. Others that can shall not wait for us: until we come back we change
    /// nothing there, and route nothing ourselves.
    async fn step_back(&mut self, context: &Context) -> AppResult<()> {
        self.last = None;
        let now = Instant::now();
        context.routes.count_on_company(now);
        context.app.proxy.vouch(now);
        let mut work = context.app.store.begin().await?;
        work.replicas().leave(context.replica).await?;
        Ok(work.commit().await?)
    }

    fn is_unbroken(&self) -> bool {
        self.last.is_some_and(|last| last.elapsed() < VOUCHED)
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
