//! Controllers that make true what is wanted. Each takes no input: it looks at the database and the world, does the
//! next steps, and is activated again, by a timer or a nudge. Nothing is retried inside; the next activation is the
//! retry. So the path after a crash is the everyday path.

mod attempt;
mod changes;
mod company;
mod domains;
mod execute;
mod feed;
mod hold;
mod hosts;
mod housekeeping;
mod journal;
mod load;
mod orgs;
mod patience;
mod presence;
mod readiness;
mod repair;
mod restored;
mod routes;
mod settle;
mod sighting;
mod steps;
mod workspaces;

use std::{
    sync::{Arc, atomic::AtomicBool},
    time::Duration,
};

use tokio::sync::Semaphore;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use self::{patience::Patience, presence::Presence, routes::Routes};
use crate::{
    app::{App, AppError, AppResult, PROXY_BEHIND, auth, nudge::Nudge},
    domain::ids::ReplicaId,
};

/// What the controllers share.
pub(crate) struct Context {
    app: Arc<App>,
    routes: Routes,
    replica: ReplicaId,
    /// How many workspaces may be brought up at the same time. Stopping and destroying wait for nobody.
    slots: Arc<Semaphore>,
    /// Wakes whoever brings our table up to date.
    routes_changed: Nudge,
    /// Somebody waits to hear how far it is.
    roll_call: AtomicBool,
    patience: Patience,
    stop: CancellationToken,
    serve: CancellationToken,
    /// Cancelled when the database has become another installation's.
    replaced: CancellationToken,
}

/// When the controllers end.
#[derive(Clone)]
pub struct Stops {
    /// No more work on workspaces and hosts: others go on with it.
    pub work: CancellationToken,
    /// No more requests are answered: until then events are read and routes followed.
    pub serve: CancellationToken,
}

impl From<CancellationToken> for Stops {
    fn from(stop: CancellationToken) -> Self {
        Self { work: stop.clone(), serve: stop }
    }
}

/// The controllers as others see them.
pub struct Controllers(Arc<Context>);

impl Controllers {
    /// Whether other servers are there that go on when this one ends.
    pub fn have_company(&self) -> bool {
        self.0.routes.company().is_any()
    }

    /// Cancelled when they have stopped working by themselves, because the database has become another installation's.
    pub fn replaced(&self) -> CancellationToken {
        self.0.replaced.clone()
    }
}

/// Fills the proxy and starts the controllers on `tracker`; they end soon after they are told to.
///
/// # Errors
/// When the proxy cannot be filled: a server that answers must not send people to pages of nothing.
pub async fn spawn(app: Arc<App>, tracker: &TaskTracker, stops: impl Into<Stops>) -> AppResult<Controllers> {
    let stops = stops.into();
    let replica = app.random.id(app.clock.now());
    let context = Arc::new(Context {
        routes: Routes::new(app.clone(), replica, stops.serve.clone()),
        replica,
        slots: Arc::new(Semaphore::new(app.settings.max_concurrent_deployments)),
        routes_changed: Nudge::default(),
        roll_call: AtomicBool::default(),
        patience: Patience::default(),
        app,
        stop: stops.work,
        serve: stops.serve,
        replaced: CancellationToken::new(),
    });
    auth::keys::keep(&context.app).await?;
    let origin = restored::origin(&context).await?;
    let mut presence = Presence::default();
    if context.app.store.is_shared() {
        may_be_behind(presence.show(&context).await)?;
        tracker.spawn(company::run(context.clone()));
    } else {
        take_over(&context.app).await?;
        may_be_behind(context.routes.publish_all().await)?;
    }
    tracker.spawn(restored::run(context.clone(), origin));
    tracker.spawn(presence::run(context.clone(), presence));
    tracker.spawn(changes::run(context.clone()));
    tracker.spawn(feed::run(context.clone()));
    tracker.spawn(workspaces::run(context.clone(), tracker.clone()));
    tracker.spawn(routes::run(context.clone()));
    tracker.spawn(hosts::run(context.clone(), tracker.clone()));
    tracker.spawn(orgs::run(context.clone()));
    tracker.spawn(housekeeping::run(context.clone()));
    tracker.spawn(domains::run(context.clone()));
    Ok(Controllers(context))
}

/// A proxy outside may start after us, or ask us for its routes: readiness tells until it has them.
fn may_be_behind(filled: AppResult<()>) -> AppResult<()> {
    match filled {
        Err(AppError::Unavailable { code: PROXY_BEHIND, detail, .. }) => {
            tracing::warn!(detail, "starting before the proxy has its routes");
            Ok(())
        }
        filled => filled,
    }
}

/// Nobody else uses the database: who held a lease was this server before it ended.
async fn take_over(app: &App) -> AppResult<()> {
    let mut work = app.store.begin().await?;
    let freed = work.workspaces().free_leases(app.clock.now()).await?;
    work.commit().await?;
    if freed > 0 {
        tracing::info!(workspaces = freed, "going on with work that was interrupted");
    }
    Ok(())
}

impl Context {
    /// Waits for the nudge or the timer. `false`: it is time to end.
    async fn activated(&self, nudge: &Nudge, timer: Duration) -> bool {
        self.stop.run_until_cancelled(nudge.or_after(timer)).await.is_some()
    }

    /// The same for what goes on as long as requests are answered.
    async fn serving(&self, nudge: &Nudge, timer: Duration) -> bool {
        self.serve.run_until_cancelled(nudge.or_after(timer)).await.is_some()
    }
}
