//! Watches hosts: can they be seen, and do they show what the database says? Engine events only wake; a look at
//! everything is the truth.

use std::{
    collections::{BTreeMap, BTreeSet, HashSet},
    sync::Arc,
    time::Duration,
};

use chrono::Duration as Span;
use futures::{StreamExt, future::join_all};
use tokio::time::Instant;
use tokio_util::task::TaskTracker;

use super::{Context, sighting};
use crate::{
    app::{AppResult, engines::Engine, nudge::Nudge},
    domain::{
        event::{EventKind, NewEvent},
        host::{Host, HostFacts, HostState, Unexplained},
        ids::{HostId, WorkspaceId},
        workspace::{
            Desired, Observed, Workspace,
            observed::{Inventory, has_drifted, refreshed},
        },
    },
    ports::{
        provisioner::EngineEvent,
        repository::{PageRequest, Position, Sort, workspace::WorkspaceFilter},
    },
};

/// Whether a host can be seen is known to this time.
const TIMER: Duration = Duration::from_secs(5);
/// What changed behind our back is seen within this time, even when no event tells.
const RELIST: Duration = Duration::from_secs(20);
/// Most events come from our own work; a look shortly afterwards finds it done.
const EVENT_DELAY: Span = Span::seconds(2);
const PAGE: u32 = 500;

pub(super) async fn run(context: Arc<Context>, tracker: TaskTracker) {
    let relist = Nudge::default();
    let mut listening = HashSet::new();
    let mut relisted: BTreeMap<HostId, Instant> = BTreeMap::new();
    loop {
        let engines = context.app.engines.all();
        for (host, engine) in &engines {
            if listening.insert(*host) {
                tracker.spawn(listen(context.clone(), engine.clone(), relist.clone()));
            }
        }
        let due = |host: &HostId| relisted.get(host).is_none_or(|at| at.elapsed() >= RELIST);
        let looks = engines.iter().map(|(host, engine)| look(&context, *host, engine, due(host)));
        for (result, (host, _)) in join_all(looks).await.into_iter().zip(&engines) {
            match result {
                Ok(true) => {
                    relisted.insert(*host, Instant::now());
                }
                Ok(false) => {}
                Err(error) => {
                    tracing::warn!(host.id = %host, error = error.chain(), "a host cannot be looked after")
                }
            }
        }
        if !context.activated(&relist, TIMER).await {
            return;
        }
    }
}

/// Turns engine events into wake-ups.
async fn listen(context: Arc<Context>, engine: Engine, relist: Nudge) {
    let mut events = engine.provisioner.events();
    while let Some(Some(event)) = context.stop.run_until_cancelled(events.next()).await {
        match event {
            EngineEvent::Resync => relist.now(),
            EngineEvent::Changed(workspace) => {
                if let Err(error) = wake(&context, &[workspace], EVENT_DELAY).await {
                    tracing::warn!(error = error.chain(), "an engine event was lost; the next look finds it");
                }
            }
        }
    }
}

async fn wake(context: &Context, workspaces: &[WorkspaceId], delay: Span) -> AppResult<()> {
    let mut work = context.app.store.begin().await?;
    work.workspaces().wake(workspaces, context.app.clock.now() + delay).await?;
    work.commit().await?;
    Ok(())
}

/// Returns whether everything on the host was looked at.
async fn look(context: &Context, id: HostId, engine: &Engine, relist: bool) -> AppResult<bool> {
    let Some(host) = context.app.store.read().await?.hosts().find(id).await? else { return Ok(false) };
    let was_reachable = host.state.is_reachable();
    match engine.provisioner.facts().await {
        Ok(facts) => {
            record(context, &host, None, facts).await?;
            if !relist && was_reachable {
                return Ok(false);
            }
            let inventory = engine.provisioner.inventory().await?;
            compare(context, &host, inventory).await?;
            Ok(true)
        }
        Err(error) => {
            record(context, &host, Some(error.to_string()), host.facts.clone()).await?;
            Ok(false)
        }
    }
}

async fn record(context: &Context, host: &Host, problem: Option<String>, facts: HostFacts) -> AppResult<()> {
    let now = context.app.clock.now();
    let state = match (&host.state, problem) {
        (HostState::Reachable { since }, None) => HostState::Reachable { since: *since },
        (_, None) => HostState::Reachable { since: now },
        (HostState::Unreachable { since, .. }, Some(reason)) => {
            HostState::Unreachable { since: *since, reason }
        }
        (_, Some(reason)) => HostState::Unreachable { since: now, reason },
    };
    if state == host.state && facts == host.facts {
        return Ok(());
    }
    match &state {
        HostState::Unreachable { reason, .. } => {
            tracing::warn!(host.name = host.name, reason, "the host cannot be seen")
        }
        _ => tracing::info!(host.name = host.name, engine = facts.engine_version, "the host can be seen"),
    }
    let mut work = context.app.store.begin().await?;
    work.hosts().record_state(host.id, &state, &facts, now).await?;
    let status = if state.is_reachable() { "reachable" } else { "unreachable" };
    let event = NewEvent {
        host_id: Some(host.id),
        status: Some(status.into()),
        ..NewEvent::new(EventKind::HostUpdated, now)
    };
    work.events().append(&[event]).await?;
    work.commit().await?;
    context.app.feed.wake();
    Ok(())
}

/// Wakes workspaces that differ from what the host shows, and notes what else changed.
async fn compare(context: &Context, host: &Host, inventory: Inventory) -> AppResult<()> {
    let nothing = Observed::default();
    let mut drifted = Vec::new();
    let mut known: BTreeMap<WorkspaceId, i64> = BTreeMap::new();
    let mut unknown: BTreeSet<WorkspaceId> = inventory.workspaces.keys().copied().collect();
    let mut after = None;
    loop {
        let page = PageRequest { limit: PAGE, after, sort: Sort::Oldest, search: None };
        let filter = WorkspaceFilter { host: Some(host.id), ..WorkspaceFilter::default() };
        let rows = context.app.store.read().await?.workspaces().list(&filter, &page).await?;
        for workspace in &rows {
            if unknown.remove(&workspace.id) {
                known.insert(workspace.id, workspace.generation);
            }
            let observed = inventory.workspaces.get(&workspace.id).unwrap_or(&nothing);
            if has_drifted(workspace.state.status(), workspace.generation, &workspace.components, observed) {
                drifted.push(workspace.id);
            } else {
                let views = refreshed(workspace.generation, &workspace.components, observed);
                sighting::note(context, workspace, views, None).await?;
            }
        }
        let Some(last) = rows.last().filter(|_| rows.len() > PAGE as usize) else { break };
        after = Some(Position { name: last.name.to_string(), id: last.id.as_uuid() });
    }
    for id in unknown {
        let Some(workspace) = context.app.store.read().await?.workspaces().find(id).await? else { continue };
        known.insert(id, workspace.generation);
        if is_leftover(&workspace, inventory.workspaces.get(&id).unwrap_or(&nothing)) {
            drifted.push(id);
        }
    }
    report_unexplained(context, host, &inventory, &known).await?;
    if !drifted.is_empty() {
        wake(context, &drifted, Span::zero()).await?;
        context.app.workspaces_due.now();
    }
    Ok(())
}

/// Whether these objects are to go because their workspace is destroyed.
fn is_leftover(workspace: &Workspace, observed: &Observed) -> bool {
    let mut observed = observed.clone();
    if workspace.desired == (Desired::Destroyed { keep_volumes: true }) {
        observed.volumes.clear();
    }
    has_drifted(workspace.state.status(), workspace.generation, &workspace.components, &observed)
}

/// Tells operators what carries our label and no row explains. It is left alone: a database that came back from a backup
/// must not cost anybody their data. `known` has the generations that rows explain.
async fn report_unexplained(
    context: &Context,
    host: &Host,
    inventory: &Inventory,
    known: &BTreeMap<WorkspaceId, i64>,
) -> AppResult<()> {
    let names = context.app.store.read().await?.workspaces().volume_names().await?;
    let mut found = Unexplained::default();
    for (id, observed) in &inventory.workspaces {
        let (containers, networks) = match known.get(id) {
            Some(known) => (observed.containers.iter().filter(|it| it.generation > *known).count(), 0),
            None => (observed.containers.len(), usize::from(observed.network)),
        };
        let volumes = observed.volumes.iter().filter(|name| !names.contains(*name)).count();
        found.count(*id, containers, networks, volumes);
    }
    if found == host.unexplained {
        return Ok(());
    }
    let Unexplained { workspaces, containers, networks, volumes } = &found;
    tracing::warn!(
        host.name = host.name,
        ?workspaces,
        containers,
        networks,
        volumes,
        "objects on the host carry our label and are not in the database; they are left alone until a person decides"
    );
    let now = context.app.clock.now();
    let mut work = context.app.store.begin().await?;
    work.hosts().record_unexplained(host.id, &found, now).await?;
    let event = NewEvent { host_id: Some(host.id), ..NewEvent::new(EventKind::HostUpdated, now) };
    work.events().append(&[event]).await?;
    work.commit().await?;
    context.app.feed.wake();
    Ok(())
}
