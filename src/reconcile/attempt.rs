//! One workspace, from what is seen to what is wanted: look, plan, do, look again, until nothing is left to do.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use chrono::Duration as Span;
use tokio::sync::{
    OwnedSemaphorePermit,
    broadcast::{Receiver, error::RecvError},
};

use super::{
    Context,
    hold::Hold,
    journal::Journal,
    load::{Loaded, load},
    repair,
    settle::Settled,
    sighting,
    steps::{Fault, Worker},
};
use crate::{
    app::{AppResult, engines::Engine},
    domain::{
        deployment::DeploymentKind,
        event::Event,
        ids::{DeploymentId, WorkspaceId},
        workspace::{
            Desired, Observed, Status,
            plan::{Plan, Progress, Situation, plan, wanted_after_restore},
        },
    },
};

type Events = Receiver<Arc<Event>>;

/// Between tries at a world that does not answer as it should.
const TRY_AGAIN: Span = Span::seconds(2);
/// A wish that no event told of is noticed within this time.
const LOOK_AGAIN: Duration = Duration::from_secs(5);
/// Plans that follow each other in one attempt; more means that something undoes what is done.
const MOST_PLANS: usize = 12;

/// What becomes of the lease.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    /// Nothing is left to do until somebody asks.
    Rest,
    /// Something else is wanted now.
    Again,
    /// The world did not answer.
    After(Span),
}

pub(super) struct Attempt<'a> {
    pub context: &'a Context,
    pub hold: &'a Hold,
    pub loaded: Loaded,
    pub journal: Arc<Journal>,
    pub progress: Mutex<Progress>,
}

pub(super) async fn attempt(context: &Context, hold: &Hold) -> AppResult<Next> {
    // Listening begins before reading, so that no later intent is missed.
    let events = context.app.feed.subscribe();
    let Some(loaded) = load(&context.app, hold.lease.workspace).await? else { return Ok(Next::Rest) };
    let Some(engine) = context.app.engines.get(loaded.workspace.host_id) else {
        return Ok(Next::After(TRY_AGAIN));
    };
    let journal = Journal::new(context.app.clone(), hold.lease, &loaded);
    let progress = Mutex::new(Progress::from_steps(&loaded.steps));
    let attempt = Attempt { context, hold, loaded, journal, progress };
    match &attempt.loaded.deployment {
        Some(deployment) => {
            let deployment = deployment.id;
            attempt.pursue(&engine, deployment, events).await
        }
        None => attempt.inspect(&engine).await,
    }
}

impl Attempt<'_> {
    /// Works on the deployment until it ends or is superseded.
    async fn pursue(mut self, engine: &Engine, deployment: DeploymentId, events: Events) -> AppResult<Next> {
        if self.time_left().is_zero() {
            let observed = engine.provisioner.observe(self.loaded.workspace.id).await.ok();
            return Ok(next(self.fail(self.overdue(), observed.as_ref()).await?));
        }
        let superseded = superseded(self.context, self.loaded.workspace.id, deployment, events);
        tokio::pin!(superseded);
        // In this order, here and below: what people want now goes before what they wanted.
        let _slot = tokio::select! {
            biased;
            () = &mut superseded => return Ok(Next::Again),
            () = tokio::time::sleep(self.time_left()) => return Ok(Next::Again),
            slot = self.slot() => slot,
        };
        if self.pick_up().await? == Settled::Superseded {
            return Ok(Next::Again);
        }
        let writer = self.journal.start_writing();
        let worked = tokio::select! {
            biased;
            () = &mut superseded => None,
            () = tokio::time::sleep(self.time_left()) => None,
            next = self.work(engine) => Some(next),
        };
        if worked.is_none() {
            self.journal.abandon();
        }
        writer.finish().await;
        worked.unwrap_or(Ok(Next::Again))
    }

    /// Bringing up waits for a free slot; stopping and destroying wait for nobody.
    async fn slot(&self) -> Option<OwnedSemaphorePermit> {
        match self.loaded.workspace.desired {
            // The semaphore is never closed.
            Desired::Running => self.context.slots.clone().acquire_owned().await.ok(),
            Desired::Stopped | Desired::Destroyed { .. } => None,
        }
    }

    async fn work(&self, engine: &Engine) -> AppResult<Next> {
        for _ in 0..MOST_PLANS {
            let observed = match engine.provisioner.observe(self.loaded.workspace.id).await {
                Ok(observed) => observed,
                Err(error) => return Ok(self.try_again(&error.to_string())),
            };
            let mut reader = self.context.app.store.read().await?;
            let routes = reader.routes().list(self.loaded.workspace.id).await?;
            drop(reader);
            let worker = self.worker(engine, &observed);
            let progress = worker.progress(|progress| progress.clone());
            let steps = match plan(&self.situation(&observed, &routes, &progress)) {
                Plan::Steps(steps) if steps.is_empty() => return Ok(next(self.succeed(&observed).await?)),
                Plan::Steps(steps) => steps,
                Plan::Impossible(mut failure) => {
                    if let Some(component) = &failure.component {
                        failure.log_tail = worker.log_tail(component).await;
                    }
                    return Ok(next(self.fail(failure, Some(&observed)).await?));
                }
            };
            match worker.execute(&steps).await {
                Ok(()) => {}
                Err(Fault::Failed(failure)) => {
                    let observed = engine.provisioner.observe(self.loaded.workspace.id).await.ok();
                    return Ok(next(self.fail(*failure, observed.as_ref()).await?));
                }
                Err(Fault::Transient(reason)) => return Ok(self.try_again(&reason)),
            }
        }
        Ok(self.try_again("the host does not stay as it is made; looking again"))
    }

    fn worker<'a>(&'a self, engine: &'a Engine, observed: &'a Observed) -> Worker<'a> {
        Worker {
            context: self.context,
            hold: self.hold,
            engine,
            observed,
            workspace: &self.loaded.workspace,
            spec: &self.loaded.spec,
            volumes: &self.loaded.volumes,
            journal: &self.journal,
            progress: &self.progress,
        }
    }

    fn situation<'a>(
        &'a self,
        observed: &'a Observed,
        routes: &'a [crate::domain::route::Route],
        progress: &'a Progress,
    ) -> Situation<'a> {
        let restarts = self
            .loaded
            .deployment
            .as_ref()
            .is_some_and(|deployment| deployment.kind == DeploymentKind::Restart);
        Situation {
            desired: self.loaded.workspace.desired,
            restart: restarts,
            generation: self.loaded.workspace.generation,
            spec: &self.loaded.spec,
            volumes: &self.loaded.volumes,
            routes,
            observed,
            progress,
        }
    }

    fn try_again(&self, reason: &str) -> Next {
        tracing::debug!(workspace.id = %self.loaded.workspace.id, reason, "trying again soon");
        Next::After(TRY_AGAIN)
    }

    fn time_left(&self) -> Duration {
        let workspace = &self.loaded.workspace;
        self.context.patience.left(workspace.id, &workspace.state, self.context.app.clock.now())
    }

    /// Nobody asked for anything: sees whether the host still is as it was left.
    async fn inspect(self, engine: &Engine) -> AppResult<Next> {
        let workspace = &self.loaded.workspace;
        let status = workspace.state.status();
        if !matches!(status, Status::Running | Status::Stopped | Status::Destroyed) {
            return Ok(Next::Rest);
        }
        let observed = match engine.provisioner.observe(workspace.id).await {
            Ok(observed) => observed,
            Err(error) => return Ok(self.try_again(&error.to_string())),
        };
        let wanted = wanted_after_restore(workspace, &observed);
        if wanted != workspace.desired {
            return self.repair(&observed, wanted).await;
        }
        let settled = Progress::of_settled(&self.loaded.spec, &observed);
        let found = plan(&self.situation(&observed, &self.loaded.routes, &settled));
        if !found.changes_something() {
            sighting::remember(self.context, &self.loaded, &observed, self.hold.lease).await?;
            let views = self.views(&observed, &workspace.state);
            sighting::note(self.context, workspace, views, Some(self.hold.lease)).await?;
            return Ok(Next::Rest);
        }
        if status == Status::Destroyed {
            return self.carry_out(engine, found, &observed).await;
        }
        if workspace.restored && found.only_publishes() {
            return self.adopt(engine, found, &observed).await;
        }
        self.repair(&observed, wanted).await
    }

    async fn repair(&self, observed: &Observed, wanted: Desired) -> AppResult<Next> {
        repair::open(self.context, self, observed, wanted).await?;
        Ok(Next::Again)
    }

    /// All is as the backup says, but for routes, which a restore takes back: an address may be another's by now.
    async fn adopt(&self, engine: &Engine, found: Plan, observed: &Observed) -> AppResult<Next> {
        let next = self.carry_out(engine, found, observed).await?;
        if next == Next::Rest {
            sighting::remember(self.context, &self.loaded, observed, self.hold.lease).await?;
            let views = self.views(observed, &self.loaded.workspace.state);
            sighting::note(self.context, &self.loaded.workspace, views, Some(self.hold.lease)).await?;
        }
        Ok(next)
    }

    /// Without a deployment: what turned up after the workspace went, for instance from a call whose reply was lost, is
    /// removed; routes are published again.
    async fn carry_out(&self, engine: &Engine, found: Plan, observed: &Observed) -> AppResult<Next> {
        let Plan::Steps(steps) = found else { return Ok(Next::Rest) };
        let status = self.loaded.workspace.state.status().as_str();
        tracing::info!(workspace.id = %self.loaded.workspace.id, count = steps.len(), status, "tidying up");
        match self.worker(engine, observed).execute(&steps).await {
            Ok(()) => Ok(Next::Rest),
            Err(fault) => Ok(self.try_again(&fault.to_string())),
        }
    }
}

fn next(settled: Settled) -> Next {
    match settled {
        Settled::Yes => Next::Rest,
        Settled::Superseded => Next::Again,
    }
}

/// Ends when the workspace works on another deployment, or none.
async fn superseded(context: &Context, workspace: WorkspaceId, deployment: DeploymentId, mut events: Events) {
    loop {
        match tokio::time::timeout(LOOK_AGAIN, events.recv()).await {
            Ok(Ok(event))
                if event.event.workspace_id != Some(workspace) || event.event.deployment_id.is_some() =>
            {
                continue;
            }
            // A gap may have held the event, and so may a moment at which the database could not be asked.
            Ok(Ok(_) | Err(RecvError::Lagged(_))) | Err(_) => {}
            Ok(Err(RecvError::Closed)) => std::future::pending().await,
        }
        let current = async {
            let mut reader = context.app.store.read().await?;
            reader.workspaces().find(workspace).await
        };
        match current.await {
            Ok(Some(current)) if current.deployment_id == Some(deployment) => {}
            Ok(_) => return,
            Err(error) => tracing::warn!(error = %error, "the database cannot be asked for a new intent"),
        }
    }
}
