//! What was seen of a settled workspace, kept for people to look at.

use super::{Context, load::Loaded};
use crate::{
    app::AppResult,
    domain::{
        event::{EventKind, NewEvent},
        workspace::{ComponentView, Observed, Workspace},
    },
    ports::repository::workspace::{Lease, Seen},
};

/// Writes what changed: as the holder of the lease, or, without one, unless somebody works on the workspace, since then
/// they know better.
pub(super) async fn note(
    context: &Context,
    workspace: &Workspace,
    views: Vec<ComponentView>,
    lease: Option<Lease>,
) -> AppResult<()> {
    if !workspace.state.status().is_settled() || views == workspace.components {
        return Ok(());
    }
    let now = context.app.clock.now();
    let mut work = context.app.store.begin().await?;
    let written = match lease {
        Some(lease) => {
            let state = &workspace.state;
            work.workspaces().record_progress(lease, workspace.deployment_id, state, &views, now).await?;
            true
        }
        None => work.workspaces().record_sighting(workspace.id, workspace.revision, &views, now).await?,
    };
    if written {
        let event = NewEvent {
            org_id: Some(workspace.org_id),
            workspace_id: Some(workspace.id),
            status: Some(workspace.state.status().as_str().into()),
            ..NewEvent::new(EventKind::WorkspaceUpdated, now)
        };
        work.events().append(&[event]).await?;
        work.commit().await?;
        context.app.feed.wake();
    }
    Ok(())
}

/// What the host shows and the database does not know yet: a generation from an update that it lost, volumes that are
/// there for the first time, and, after a restore, that somebody has looked.
pub(super) fn news(loaded: &Loaded, observed: &Observed) -> Option<Seen> {
    let workspace = &loaded.workspace;
    let newest = observed.newest_generation();
    let volumes: Vec<String> = loaded
        .volumes
        .iter()
        .filter(|volume| volume.made_at.is_none() && observed.volumes.contains(&volume.docker_name))
        .map(|volume| volume.docker_name.clone())
        .collect();
    let unexplained = newest > workspace.generation.max(workspace.seen_generation);
    let generation = if unexplained { newest } else { 0 };
    (workspace.restored || unexplained || !volumes.is_empty()).then_some(Seen { generation, volumes })
}

/// Writes it, as the holder of the lease.
pub(super) async fn remember(
    context: &Context,
    loaded: &Loaded,
    observed: &Observed,
    lease: Lease,
) -> AppResult<()> {
    let Some(seen) = news(loaded, observed) else { return Ok(()) };
    let mut work = context.app.store.begin().await?;
    work.workspaces().record_seen(lease, &seen, context.app.clock.now()).await?;
    work.commit().await?;
    Ok(())
}
